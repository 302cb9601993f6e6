package io.weft.advisor;

import io.weft.claims.Words;

/** What an architecture may need of a machine. */
public enum Capability {
    KVM("kvm", "hardware virtualisation (/dev/kvm)", "硬件虚拟化（/dev/kvm）", false),
    IOMMU("iommu", "an IOMMU that is switched on", "已启用的 IOMMU", false),
    SRIOV("sriov", "an interface with SR-IOV virtual functions", "支持 SR-IOV 虚拟功能的网卡", true),
    HUGE_PAGES("hugePages", "huge pages", "大页内存", false),
    XDP("xdp", "a network driver with native XDP", "支持原生 XDP 的网卡驱动", false),
    RDMA("rdma", "an RDMA interface", "RDMA 网卡", true),
    DPU("dpu", "a DPU", "DPU", true);

    private final String key;
    private final String en;
    private final String zh;
    private final boolean special;

    Capability(String key, String en, String zh, boolean special) {
        this.key = key;
        this.en = en;
        this.zh = zh;
        this.special = special;
    }

    /** {@return as needs spell it} */
    public String key() {
        return key;
    }

    public Words words() {
        return new Words(en, zh);
    }

    /** {@return whether declared hardware that does not list it has none} */
    boolean special() {
        return special;
    }
}
