package io.weft.cni;

import io.weft.cni.ConformanceReport.Outcome;
import io.weft.cni.ConformanceReport.Row;
import io.weft.kernel.NetNs;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * What the CNI specification asks of a plugin, as cases that can be pointed at any program. There
 * is no official suite. Each case has its own namespaces, and counts kernel objects itself. Needs
 * root.
 */
public final class Conformance {
    private static final List<ConformanceCase> CASES =
            Stream.of(
                            InputCases.ALL,
                            AddCases.ALL,
                            DeleteCases.ALL,
                            CheckCases.ALL,
                            CollectCases.ALL,
                            ChainCases.ALL)
                    .flatMap(List::stream)
                    .sorted(Comparator.comparingInt(ConformanceCase::point))
                    .toList();

    private Conformance() {}

    /**
     * Runs all.
     *
     * @param progress told of each row as it is found
     * @throws io.weft.kernel.KernelException EPERM when namespaces cannot be made
     */
    public static ConformanceReport run(ConformanceOptions options, Consumer<Row> progress) {
        NetNs.createAnonymous().close();
        List<Row> rows = new ArrayList<>();
        for (ConformanceCase one : CASES) {
            Row row = run(options, one);
            rows.add(row);
            progress.accept(row);
        }
        return new ConformanceReport(options.plugin().toString(), List.copyOf(rows));
    }

    private static Row run(ConformanceOptions options, ConformanceCase one) {
        Outcome outcome;
        String seen;
        try (ConformanceBench bench = new ConformanceBench(options)) {
            seen = one.run().run(bench);
            outcome = Outcome.PASS;
        } catch (ConformanceCase.NotApplicable e) {
            seen = String.valueOf(e.getMessage());
            outcome = Outcome.NOT_APPLICABLE;
        } catch (ConformanceCase.Failed e) {
            seen = String.valueOf(e.getMessage());
            outcome = Outcome.FAIL;
        } catch (Exception e) { // a plugin that hangs, output that is no JSON
            seen = String.valueOf(e.getMessage());
            outcome = Outcome.FAIL;
        }
        return new Row(one.point(), one.name(), one.section(), outcome, seen);
    }
}
