package io.weft.lab.report;

import io.weft.claims.Language;
import io.weft.claims.Words;

/** What the report says, in each language. */
enum Phrase {
    TITLE("Weft lab report", "Weft 实验报告"),
    INTRO(
            "Each claim of the source document beside what was measured on the machine below.",
            "源文档的每项数据，与下述机器上的实测结果并列。"),
    SUMMARY("Summary", "摘要"),
    MACHINE("Machine", "机器"),
    RULE("How a verdict is made", "判定规则"),
    RULE_CHANGE(
            "A change (-60 %, 10x): the median ratio of both figures, measured in turn in one run, with"
                    + " its 95 % interval (sign test). A gain is confirmed when it is at least as large as"
                    + " claimed, short of it by no more than a tenth of the claim or 3 points; a cost when"
                    + " it lies in the claimed range with that tolerance. When the interval lies on both"
                    + " sides of the border, nothing is concluded.",
            "变化（-60 %、10 倍）：同一次运行中交替测量的两个数值之比的中位数，及其 95 % 区间（符号检验）。"
                    + "增益不小于所声称者（容差为声称值的十分之一或 3 个百分点）即为证实；开销落在声称范围内（同样容差）即为证实。"
                    + "区间跨越界限时不下结论。"),
    RULE_VALUE(
            "A figure of its own (20-30 us): hardware differs, so it is confirmed when the median is within"
                    + " a factor of two of the claimed range.",
            "绝对数值（20-30 us）：硬件不同，中位数在声称范围的两倍以内即为证实。"),
    RULE_RANK(
            "A rank: its order among those of the table that were measured in the same run.",
            "排名：与同一次运行中测得的表内其他项的先后次序。"),
    RULE_REST(
            "A quick run, or one on a busy machine, decides nothing. Spread is least to greatest"
                    + " repetition, of a ratio its interval; n is the number of repetitions. Nothing here is"
                    + " simulated or estimated.",
            "快速运行或机器繁忙时的结果不作判定。离散范围为各次重复的最小值到最大值，比值则为其区间；n 为重复次数。" + "本报告没有任何模拟或估算的数据。"),
    CLAIM("Claim", "声称"),
    WHAT("What", "项目"),
    MEASURED("Measured here", "此处实测"),
    VERDICT("Verdict", "判定"),
    BECAUSE("because", "因为"),
    ALSO("Also measured", "其他实测"),
    CHARTS("Charts", "图表"),
    TABLES("The document's tables", "文档的表格"),
    EXPERIMENTS("Experiments", "实验"),
    EXPERIMENT("Experiment", "实验"),
    AT("Made", "时间"),
    CONCLUSIVE("Conclusive", "有结论"),
    YES("yes", "是"),
    NO("no", "否"),
    METHOD("Method", "方法"),
    TIMELINE("Timeline", "时间线"),
    FORECASTS("Forecasts", "展望"),
    YEAR("Year", "年份"),
    EVENT("The document says", "文档所述"),
    FOUND("Public sources say", "公开资料"),
    FORECAST("Technology", "技术"),
    MATURITY("Maturity", "成熟度"),
    SOURCES("Sources", "来源"),
    CHAPTER("Chapter", "章"),
    OTHER_MACHINE("another machine", "另一台机器"),
    NO_RESULTS(
            "There are no results yet: run 'weft lab run --all', or some experiments by name.",
            "尚无结果：请运行 weft lab run --all，或按名称运行若干实验。"),
    LATENCY_CHART("Round trip by kind of interface, us", "各类接口的往返时间（us）"),
    GOODPUT_CHART("Goodput by kind of interface, Gbit/s, one processor", "各类接口的有效吞吐量（Gbit/s，单处理器）"),
    SERVICE_CHART("connect() by number of services, us", "connect() 时间与服务数（us）"),
    POLICY_CHART("What policies add to connect(), by their number, us", "策略数与 connect() 增加的时间（us）"),
    DROP_CHART("Packets dropped per second and core, millions", "每核每秒丢弃的数据包（百万）"),
    PROXY_CHART("Round trip with proxies on the way, ms", "经过代理的往返时间（ms）"),
    MEMORY_CHART("Kernel memory of a workload, MB", "每个工作负载的内核内存（MB）"),
    LESS_IS_BETTER("less is better; the line is the spread", "越小越好；线段为离散范围"),
    MORE_IS_BETTER("more is better; the line is the spread", "越大越好；线段为离散范围"),
    WITHIN_FACTOR("within a factor of two of the claim", "在声称值的两倍以内"),
    WORSE("worse than claimed by more than a factor of two", "比声称值差两倍以上"),
    BETTER("better than claimed by more than a factor of two", "比声称值好两倍以上"),
    AT_LEAST_AS_LARGE("at least as large as claimed", "不小于所声称者"),
    IN_RANGE("in the claimed range", "在声称范围内"),
    SMALLER_GAIN("a gain, smaller than claimed", "有增益，但小于所声称者"),
    NO_GAIN("no gain", "无增益"),
    LESS_COST("costs less than claimed", "开销小于所声称者"),
    MORE_COST("costs more than claimed", "开销大于所声称者"),
    SPREAD_TOO_WIDE("the spread is wider than the distance from the claim", "离散范围大于与声称值的差距"),
    ORDER_HOLDS("in this order among those measured", "与实测次序一致"),
    ORDER_BROKEN("not in this order beside: %s", "与以下各项的次序不符：%s"),
    NOT_CONCLUSIVE("the result is not conclusive: %s", "结果无结论：%s"),
    NOT_RUN("not measured yet; 'weft lab run' one of: %s", "尚未测量；请用 weft lab run 运行其一：%s"),
    NO_EXPERIMENT("no experiment measures it", "没有实验测量此项");

    private final String en;
    private final String zh;

    Phrase(String en, String zh) {
        this.en = en;
        this.zh = zh;
    }

    Words words() {
        return new Words(en, zh);
    }

    String in(Language language) {
        return words().in(language);
    }

    /** {@return with {@code text} where {@code %s} stands} */
    Words with(String text) {
        return new Words(en.replace("%s", text), zh.replace("%s", text));
    }
}
