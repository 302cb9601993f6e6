package io.weft.lab;

import java.util.ArrayList;
import java.util.List;

/** A process of its own that does one {@link ServiceLoad} and prints its processor time. */
public final class FirstLoad {
    private FirstLoad() {}

    public static void main(String[] arguments) {
        System.out.println(ServiceLoad.once(Integer.parseInt(arguments[0])));
    }

    /** {@return what it prints: seconds} */
    static String run(int services) {
        List<String> lines = new ArrayList<>();
        OwnProcess.run(
                OwnProcess.command(FirstLoad.class, List.of(), List.of(Integer.toString(services))),
                lines::add);
        return lines.getLast().strip();
    }
}
