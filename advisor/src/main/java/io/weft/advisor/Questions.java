package io.weft.advisor;

import io.weft.claims.Language;
import io.weft.claims.Words;
import io.weft.model.ManifestException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** Asks for a need on a terminal, one thing at a time; an empty answer takes the default. */
public final class Questions {
    /**
     * @param field of the need; a dot leads into a mapping
     * @param answers what may be answered; empty when anything that the reader takes
     */
    private record Question(String field, Words words, List<String> answers, String unanswered) {}

    private static final List<String> YES_NO = List.of("false", "true");

    private static Question question(String field, String en, String zh, List<String> answers) {
        return new Question(
                field, new Words(en, zh), answers, answers.isEmpty() ? "" : answers.getFirst());
    }

    private static final List<Question> ALL =
            List.of(
                    question(
                            "regulation",
                            "Does a regulator ask for isolation that it can audit?",
                            "监管是否要求可审计的隔离？",
                            List.of("none", "regulated")),
                    question(
                            "isolation",
                            "How far must workloads be apart?",
                            "工作负载需要何种隔离？",
                            List.of("shared", "kernel", "hardware")),
                    question(
                            "latency",
                            "Latency, at most (such as 20us)",
                            "延迟上限（如 20us）",
                            List.of()),
                    question(
                            "throughput",
                            "Throughput of an instance, at least (such as 10Gbps)",
                            "单实例吞吐量下限（如 10Gbps）",
                            List.of()),
                    question("nfv", "Are they network functions?", "是否为网络功能（NFV）？", YES_NO),
                    question("instances", "How many instances?", "实例数？", List.of()),
                    question("hosts", "On how many hosts?", "主机数？", List.of()),
                    question("services", "How many services?", "服务数？", List.of()),
                    question(
                            "team",
                            "Who runs it?",
                            "由谁运维？",
                            List.of(
                                    "unknown",
                                    "kernel-experts",
                                    "application-developers",
                                    "traditional-operations")),
                    question(
                            "workloads",
                            "What has to run?",
                            "需要运行什么？",
                            List.of("any", "containers", "virtual-machines", "both")),
                    question(
                            "existing.virtualMachines",
                            "How many VMs are there already?",
                            "已有多少虚拟机？",
                            List.of()),
                    question(
                            "existing.containers",
                            "How many containers are there already?",
                            "已有多少容器？",
                            List.of()),
                    question("mesh.needed", "Is a service mesh needed?", "是否需要服务网格？", YES_NO),
                    question(
                            "mesh.resourceLimited",
                            "Is memory too short for a proxy in each pod?",
                            "内存是否不足以为每个 Pod 运行代理？",
                            YES_NO),
                    question(
                            "networks.storage",
                            "Is a storage network needed?",
                            "是否需要存储网络？",
                            YES_NO),
                    question(
                            "security.microSegmentation",
                            "Is policy between workloads needed, default deny?",
                            "是否需要工作负载间默认拒绝的策略？",
                            YES_NO),
                    question(
                            "cost.budget",
                            "Budget for each month, in CNY",
                            "每月预算（CNY）",
                            List.of()));

    private final BufferedReader in;
    private final PrintStream out;
    private final NeedReader reader;
    private final Language language;

    public Questions(BufferedReader in, PrintStream out, NeedReader reader, Language language) {
        this.in = in;
        this.out = out;
        this.reader = reader;
        this.language = language;
    }

    /**
     * {@return the need; nothing when the input ends before the last answer}
     *
     * @throws IOException when the terminal is lost
     */
    public Optional<Need> ask() throws IOException {
        List<String> lines = new ArrayList<>();
        for (Question question : ALL) {
            Optional<String> line = ask(question, lines);
            if (line.isEmpty()) {
                out.println();
                return Optional.empty();
            }
            line.filter(l -> !l.isEmpty()).ifPresent(lines::add);
        }
        return Optional.of(reader.parse("answers", yaml(lines)));
    }

    private Optional<String> ask(Question question, List<String> before) throws IOException {
        while (true) {
            out.print(question.words().in(language));
            if (!question.answers().isEmpty()) {
                out.print(" [" + String.join(" | ", question.answers()) + "]");
            }
            out.print(
                    question.unanswered().isEmpty() ? ": " : " (" + question.unanswered() + "): ");
            out.flush();
            String answer = in.readLine();
            if (answer == null) {
                return Optional.empty();
            }
            answer = answer.strip();
            if (answer.isEmpty()) {
                return Optional.of("");
            }
            String line = question.field() + ": " + spelt(question, answer);
            List<String> lines = new ArrayList<>(before);
            lines.add(line);
            try {
                reader.parse("answers", yaml(lines));
                return Optional.of(line);
            } catch (ManifestException e) {
                out.println(
                        e.problems().stream()
                                .map(p -> "  " + p.reason())
                                .collect(Collectors.joining("\n")));
            }
        }
    }

    /**
     * {@return the answer as a need spells it: of {@code y} true, of the start of a word the word}
     */
    private static String spelt(Question question, String answer) {
        if (question.answers().equals(YES_NO)) {
            return switch (answer) {
                case "y", "yes", "是" -> "true";
                case "n", "no", "否" -> "false";
                default -> answer;
            };
        }
        List<String> fitting =
                question.answers().stream().filter(a -> a.startsWith(answer)).toList();
        return fitting.size() == 1 ? fitting.getFirst() : answer;
    }

    /** {@return {@code mesh.needed: true} and {@code mesh.resourceLimited: true} as one mapping} */
    private static String yaml(List<String> lines) {
        StringBuilder yaml = new StringBuilder();
        String open = "";
        for (String line : lines) {
            int dot = line.indexOf('.');
            boolean nested = dot >= 0 && dot < line.indexOf(':');
            String outer = nested ? line.substring(0, dot) : "";
            if (nested && !outer.equals(open)) {
                yaml.append(outer).append(":\n");
            }
            yaml.append(nested ? "  " + line.substring(dot + 1) : line).append('\n');
            open = outer;
        }
        return yaml.toString();
    }
}
