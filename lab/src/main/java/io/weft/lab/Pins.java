package io.weft.lab;

import io.weft.bpf.BpfFs;
import java.nio.file.Path;

/** Where the lab pins what it loads: of this process, so that no two experiments meet. */
final class Pins {
    private Pins() {}

    static Path of(String what) {
        BpfFs.ensureMounted();
        return BpfFs.DEFAULT.resolve("weft-lab-" + ProcessHandle.current().pid() + "-" + what);
    }
}
