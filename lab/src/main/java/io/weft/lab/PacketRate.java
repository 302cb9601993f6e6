package io.weft.lab;

import java.util.ArrayList;
import java.util.List;

/** How many packets one processor drops and forwards: XDP, tc, nftables, iptables. */
public final class PacketRate implements Experiment {
    @Override
    public String name() {
        return "packet-rate";
    }

    @Override
    public String question() {
        return "How many packets a second does one processor drop and forward by XDP, tc, nftables and"
                + " iptables?";
    }

    @Override
    public String method() {
        return "A process sends the same frame of 60 bytes through a packet socket, pinned to one processor"
                + " on which the kernel then does all the rest; the same to each place in turn. What sending"
                + " alone takes, to a program that ends the frame at the sender's interface, is taken off"
                + " within each repetition. Counters tell that every packet ended where it should.";
    }

    @Override
    public List<String> tables() {
        return List.of("8", "9.4");
    }

    @Override
    public List<Capability> needs() {
        return List.of(
                Capability.NAMESPACES,
                Capability.program("iptables", "iptables"),
                Capability.program("nft", "nftables"),
                Capability.program("ip", "iproute2"));
    }

    @Override
    public int usualSeconds(boolean quick) {
        return quick ? 10 : 45;
    }

    @Override
    public Report run(Run run) {
        Findings findings = new Findings();
        List<String> notes = new ArrayList<>();
        List<Report.Table> tables = new ArrayList<>();
        tables.add(DropRate.measure(run, findings, notes));
        tables.add(ForwardRate.measure(run, findings, notes));
        notes.add(
                "between two veth ends, where a frame is in memory already: a card's driver has other"
                        + " costs. Mpps of dropping: 1 / (time with sending - time of sending alone); cycles:"
                        + " that time x MHz of /proc/cpuinfo. XDP redirect looks nothing up");
        return new Report(name(), run.machine().describe(), tables, List.of(), notes, findings);
    }
}
