package io.weft.advisor;

import io.weft.advisor.Architecture.Quantity;
import io.weft.advisor.Architecture.Segmentation;
import io.weft.advisor.Evidence.Expected;
import io.weft.advisor.Hardware.Presence;
import io.weft.claims.Words;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * What excludes. Each constraint looks at the architecture and at its own part of the need alone,
 * so that one more of them never lets anybody in. Who has no figure of what is asked for is
 * excluded: nothing says that it can. A limit that nobody knows excludes nobody.
 */
final class Constraints {
    private final Need need;
    private final Hardware hardware;
    private final Evidence evidence;
    private final Map<String, Double> prices;

    Constraints(Need need, Hardware hardware, Evidence evidence, Map<String, Double> prices) {
        this.need = need;
        this.hardware = hardware;
        this.evidence = evidence;
        this.prices = prices;
    }

    /** {@return everything that excludes it, in a fixed order; nothing when it is a candidate} */
    List<Exclusion> of(Architecture a) {
        List<Exclusion> all = new ArrayList<>();
        isolation(a, all);
        workloads(a, all);
        figures(a, all);
        machine(a, all);
        features(a, all);
        budget(a, all);
        return List.copyOf(all);
    }

    private void isolation(Architecture a, List<Exclusion> all) {
        if (need.regulated() && a.isolation() == Isolation.SHARED) {
            all.add(
                    new Exclusion(
                            "regulation",
                            new Words(
                                    "regulated workloads are virtualised (12/regulated), and these"
                                            + " share the host's kernel",
                                    "受监管的工作负载应虚拟化（12/regulated），而该架构共享主机内核"),
                            Words.same("regulation: none"),
                            Exclusion.REGULATION));
        }
        if (a.isolation().compareTo(need.isolation()) < 0) {
            String asked = word(need.isolation());
            String offered = word(a.isolation());
            all.add(
                    new Exclusion(
                            "isolation",
                            new Words(
                                    "isolation is " + offered + ", asked for is " + asked,
                                    "隔离级别为 " + offered + "，要求 " + asked),
                            Words.same("isolation: " + offered)));
        }
    }

    private void workloads(Architecture a, List<Exclusion> all) {
        Workloads asked = need.workloads();
        if (asked != Workloads.ANY && a.runs() != Workloads.BOTH && a.runs() != asked) {
            all.add(
                    new Exclusion(
                            "workloads",
                            new Words(
                                    "it runs " + word(a.runs()) + ", asked for is " + word(asked),
                                    "只运行 " + word(a.runs()) + "，要求 " + word(asked)),
                            Words.same("workloads: " + word(a.runs()))));
        }
    }

    private void figures(Architecture a, List<Exclusion> all) {
        atMost(a, Quantity.LATENCY, need.performance().latency(), "latency", "us", all);
        atMost(a, Quantity.START, need.performance().start(), "start", "s", all);
        atMost(a, Quantity.MEMORY, need.performance().memory(), "memory", "MB", all);
        atLeast(a, Quantity.THROUGHPUT, need.performance().throughput(), "throughput", all);
        atLeast(
                a,
                Quantity.HOST_THROUGHPUT,
                need.performance().hostThroughput(),
                "hostThroughput",
                all);
        need.scale()
                .perHost()
                .ifPresent(asked ->
                        evidence.of(a, Quantity.PER_HOST)
                                .filter(e -> most(e) < asked)
                                .ifPresent(e ->
                                        all.add(figure("hosts", e, asked, e.unit().toString()))));
        need.scale()
                .services()
                .ifPresent(asked ->
                        evidence.of(a, Quantity.SERVICES)
                                .filter(e -> most(e) < asked)
                                .ifPresent(e -> all.add(figure("services", e, asked, "services"))));
    }

    private void atLeast(
            Architecture a,
            Quantity quantity,
            OptionalDouble asked,
            String field,
            List<Exclusion> all) {
        if (asked.isEmpty()) {
            return;
        }
        double gbps = asked.getAsDouble();
        Optional<Expected> known = evidence.of(a, quantity);
        if (known.isEmpty()) {
            all.add(unknown(field, Numbers.plain(gbps) + " Gbps"));
        }
        known.filter(e -> best(e) < gbps).ifPresent(e -> all.add(figure(field, e, gbps, "Gbps")));
        if (hardware.nicGbps().orElse(Double.MAX_VALUE) < gbps) {
            String nic = Numbers.plain(hardware.nicGbps().getAsDouble()) + " Gbps";
            String wanted = Numbers.plain(gbps) + " Gbps";
            all.add(
                    new Exclusion(
                            "hardware.nicGbps",
                            new Words(
                                    "the fastest interface has " + nic + ", asked for is " + wanted,
                                    "最快的网卡为 " + nic + "，要求 " + wanted),
                            Words.same(
                                    field
                                            + ": "
                                            + Numbers.plain(hardware.nicGbps().getAsDouble())
                                            + "Gbps"),
                            Exclusion.decades(hardware.nicGbps().getAsDouble(), gbps)));
        }
    }

    private void atMost(
            Architecture a,
            Quantity quantity,
            OptionalDouble asked,
            String field,
            String unit,
            List<Exclusion> all) {
        if (asked.isEmpty()) {
            return;
        }
        Optional<Expected> known = evidence.of(a, quantity);
        if (known.isEmpty()) {
            all.add(unknown(field, Numbers.plain(asked.getAsDouble()) + " " + unit));
        }
        known.filter(e -> least(e) > asked.getAsDouble())
                .ifPresent(e -> all.add(figure(field, e, asked.getAsDouble(), unit)));
    }

    private static Exclusion unknown(String field, String wanted) {
        return new Exclusion(
                field,
                new Words(
                        "no figure of its " + field + " is known, asked for is " + wanted,
                        field + " 无已知数据，要求 " + wanted),
                new Words(field + ": left out", "去掉 " + field),
                Exclusion.NO_FIGURE);
    }

    /** {@return the least that it promises: of {@code <5} the 5} */
    static double least(Expected e) {
        return e.range().low().orElseGet(e.range().high()::getAsDouble);
    }

    /** {@return the most that it promises: of {@code 400+} the 400} */
    static double best(Expected e) {
        return e.range().high().orElseGet(e.range().low()::getAsDouble);
    }

    /** {@return the most that fits: {@code 500+} has no end} */
    private static double most(Expected e) {
        return e.range().high().orElse(Double.POSITIVE_INFINITY);
    }

    private static Exclusion figure(String field, Expected e, double asked, String unit) {
        String source = String.join(", ", e.ids());
        String wanted = Numbers.plain(asked) + " " + unit;
        boolean most = field.equals("latency") || field.equals("start") || field.equals("memory");
        double nearest = most ? least(e) : best(e);
        String kind = Texts.source(e.source()).en();
        String art = Texts.source(e.source()).zh();
        return new Exclusion(
                field,
                new Words(
                        field
                                + " "
                                + e.text()
                                + " ("
                                + kind
                                + ": "
                                + source
                                + "), asked for is "
                                + wanted,
                        field + " " + e.text() + "（" + art + "：" + source + "），要求 " + wanted),
                Words.same(field + ": " + Numbers.plain(nearest) + unit),
                Exclusion.decades(nearest, asked));
    }

    private void machine(Architecture a, List<Exclusion> all) {
        for (Capability capability : a.needs()) {
            if (hardware.of(capability) == Presence.NO) {
                all.add(
                        new Exclusion(
                                "hardware." + capability.key(),
                                new Words(
                                        "it needs "
                                                + capability.words().en()
                                                + ", and there is none",
                                        "需要" + capability.words().zh() + "，但不存在"),
                                new Words(
                                        "add " + capability.words().en(),
                                        "增加" + capability.words().zh())));
            }
        }
        Optional<String> kernel = a.kernel();
        if (kernel.isPresent()
                && hardware.kernel().isPresent()
                && older(hardware.kernel().get(), kernel.get())) {
            all.add(
                    new Exclusion(
                            "hardware.kernel",
                            new Words(
                                    "it needs Linux "
                                            + kernel.get()
                                            + ", here is "
                                            + hardware.kernel().get(),
                                    "需要 Linux " + kernel.get() + "，当前为 " + hardware.kernel().get()),
                            new Words("Linux " + kernel.get(), "Linux " + kernel.get())));
        }
    }

    /** {@return whether a version such as {@code 5.10.0-8-amd64} is before another} */
    static boolean older(String version, String than) {
        String[] a = version.split("[^0-9]+", -1);
        String[] b = than.split("[^0-9]+", -1);
        for (int i = 0; i < 2; i++) {
            int compared = Integer.compare(number(a, i), number(b, i));
            if (compared != 0) {
                return compared < 0;
            }
        }
        return false;
    }

    private static int number(String[] parts, int i) {
        return i < parts.length && parts[i].matches("[0-9]{1,9}") ? Integer.parseInt(parts[i]) : 0;
    }

    private void features(Architecture a, List<Exclusion> all) {
        if (need.nfv() && !a.nfv()) {
            all.add(
                    new Exclusion(
                            "nfv",
                            new Words(
                                    "network functions poll their packets in user space"
                                            + " (12/extreme-nfv), which this does not offer",
                                    "网络功能需在用户态轮询数据包（12/extreme-nfv），该架构不支持"),
                            Words.same("nfv: false")));
        }
        if (need.mesh().needed() && a.mesh() == Architecture.Mesh.NONE) {
            all.add(
                    new Exclusion(
                            "mesh",
                            new Words(
                                    "its packets go past where a mesh would take them",
                                    "其数据包绕过服务网格的劫持点"),
                            Words.same("mesh: {needed: false}")));
        }
        if (need.security().microSegmentation() && a.segmentation() == Segmentation.NONE) {
            all.add(
                    new Exclusion(
                            "security.microSegmentation",
                            new Words("it enforces no policy between workloads", "不执行工作负载之间的策略"),
                            Words.same("security: {microSegmentation: false}")));
        }
    }

    private void budget(Architecture a, List<Exclusion> all) {
        OptionalDouble budget = need.money().budget();
        if (budget.isEmpty()) {
            return;
        }
        double monthly = Cost.of(a, need, prices).monthly();
        if (monthly > budget.getAsDouble()) {
            String currency = need.money().currency();
            String cost = Numbers.plain(monthly) + " " + currency;
            String most = Numbers.plain(budget.getAsDouble()) + " " + currency;
            all.add(
                    new Exclusion(
                            "cost.budget",
                            new Words(
                                    "it costs "
                                            + cost
                                            + " a month (model of 10.2), the budget is "
                                            + most,
                                    "每月成本 " + cost + "（10.2 模型），预算 " + most),
                            Words.same("cost: {budget: " + Numbers.plain(monthly) + "}"),
                            Exclusion.decades(monthly, Math.max(budget.getAsDouble(), 1))));
        }
    }

    private static String word(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
