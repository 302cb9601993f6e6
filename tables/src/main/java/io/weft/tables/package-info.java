/**
 * What the kernel decides by: the compiler's output, and the byte layout of every map key, map
 * value and event that the datapath shares with user space.
 *
 * <p><b>The compiler's output.</b> {@link io.weft.tables.Tables} is the whole of it, immutable. How
 * a verdict is found, the same in C and in Java:
 *
 * <ol>
 *   <li>the remote address becomes an identity by longest prefix ({@link
 *       io.weft.tables.Tables#identityOf});
 *   <li>the local pod and the direction name a {@link io.weft.tables.Group}; {@link
 *       io.weft.tables.Group#OPEN} allows everything;
 *   <li>two matches by the smallest block that holds (protocol, destination port), asked for one
 *       size of blocks after the other ({@link io.weft.tables.Lengths}): one with the identity, one
 *       with {@link io.weft.tables.Identities#ANY}. The higher precedence wins, the identity's on a
 *       tie; without a match the group's default rule denies;
 *   <li>what a pod in audit mode ({@link io.weft.tables.PodPolicy#audit}) denies goes on to the
 *       other end's judgement as if it were allowed, and is told of.
 * </ol>
 *
 * <p><b>The bytes.</b> One record for each C struct of {@code datapath/src/main/c/weft_abi.h}:
 *
 * <pre>
 *   map               key                 value
 *   weft_state        0                   {@link io.weft.tables.StateValue}
 *   weft_workloads    ifindex             {@link io.weft.tables.WorkloadValue}
 *   weft_addresses    address             {@link io.weft.tables.AddressValue}
 *   weft_places       slot                {@link io.weft.tables.PlaceValue}
 *   weft_endpoints    slot                {@link io.weft.tables.EndpointValue}
 *   weft_identities   {@link io.weft.tables.PrefixKey}           {@link io.weft.tables.IdentityValue}
 *   weft_policy       {@link io.weft.tables.PolicyKey}           {@link io.weft.tables.PolicyValue}
 *   weft_connections  {@link io.weft.tables.ConnectionKey}       {@link io.weft.tables.ConnectionValue}
 *   weft_fragments    {@link io.weft.tables.FragmentKey}         {@link io.weft.tables.FragmentValue}
 *   weft_drops        {@link io.weft.tables.DropKey}             {@link io.weft.tables.CounterValue} per CPU
 *   weft_counters     {@link io.weft.tables.Abi#COUNT_EVENTS_LOST} …     number per CPU
 *   ring buffer                           {@link io.weft.tables.EventRecord}
 * </pre>
 *
 * <pre>{@code
 * MemorySegment bytes = arena.allocate(EventRecord.SIZE);
 * event.write(bytes, 0);
 * EventRecord same = EventRecord.read(bytes, 0);
 * }</pre>
 *
 * <p>Integers are in host order and unsigned, held in a Java type of the same width; ports and
 * addresses are in network order; an offset needs no alignment. Reading too little memory throws
 * {@link IndexOutOfBoundsException}, reading a number that has no name here {@link
 * IllegalArgumentException}. Each record's {@code LAYOUT} is data ({@link
 * io.weft.tables.Abi#LAYOUTS} has them all), which the tests compare with the header and with the
 * object's BTF.
 */
@NullMarked
package io.weft.tables;

import org.jspecify.annotations.NullMarked;
