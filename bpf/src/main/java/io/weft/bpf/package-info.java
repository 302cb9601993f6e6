/**
 * Loads eBPF: object files of clang into the kernel, without a native library.
 *
 * <p>There are two worlds. A <em>spec</em> is a blueprint: plain, immutable data read from an
 * object file, the same on every machine, needing no privilege. An <em>object</em> is what the
 * kernel made of it: it holds descriptors and must be closed.
 *
 * <pre>{@code
 * ObjectSpec spec = ObjectSpec.read(Path.of("count.o"))
 *         .withMaxEntries("counts", 1024)
 *         .withRodata("sample_every", 10);
 *
 * try (LoadedObject object = spec.load();
 *         BpfLink link = BpfLink.attachXdp(object.program("count"), ifindex, XdpMode.ANY)) {
 *     TypedMap<Integer, Long> counts = object.map("counts").typed(Codec.U32, Codec.U64);
 *     counts.forEach((protocol, packets) -> ...);
 * }
 * }</pre>
 *
 * <p>From file to kernel:
 *
 * <ul>
 *   <li>{@link io.weft.bpf.ObjectSpec} holds {@link io.weft.bpf.ProgramSpec}s, whose functions are
 *       already linked, {@link io.weft.bpf.MapSpec}s, and the types, {@link io.weft.bpf.Btf}. Edits
 *       are copies.
 *   <li>{@link io.weft.bpf.LoadedObject} holds {@link io.weft.bpf.BpfMap}s and {@link
 *       io.weft.bpf.BpfProgram}s. {@link io.weft.bpf.LoadOptions} says which maps to take from pins
 *       or from elsewhere.
 *   <li>{@link io.weft.bpf.TypedMap} reads and writes maps as Java values through a {@link
 *       io.weft.bpf.Codec}; {@link io.weft.bpf.MapBatch} does so in bulk; {@link
 *       io.weft.bpf.RingBuffer} receives events.
 *   <li>{@link io.weft.bpf.BpfLink} attaches programs; {@link io.weft.bpf.TestRun} runs them on a
 *       packet.
 * </ul>
 *
 * <p>Everything is tried first. Only when the kernel refuses, {@link io.weft.bpf.FeatureProbe} and
 * the verifier's log are asked why, and the {@link io.weft.bpf.BpfException} says it: a program
 * that the verifier rejects is shown with its line of C.
 *
 * <p>Specs are for little-endian eBPF. Numbers in keys and values are in host byte order unless a
 * codec says otherwise.
 */
@NullMarked
package io.weft.bpf;

import org.jspecify.annotations.NullMarked;
