/**
 * An authoritative server for the cluster's domain that forwards all other names.
 *
 * <pre>
 *   Snapshot + Delta ──ClusterZone.next──▶ ClusterZone ──────┐ (immutable; swapped as a whole)
 *                                                            ▼
 *   UDP, TCP ──DnsServer──▶ QueryReader ──▶ Responder ──▶ answer
 *                                               │ a name outside, or a CNAME
 *                                               ▼
 *                                            Recursor ──▶ Forwarder ──▶ AnswerCache, upstreams
 * </pre>
 *
 * <p>Names below the cluster's domain are never asked of anybody else. Whoever asks for another
 * name when there is no upstream is refused, or told SERVFAIL when none answers; {@link
 * io.weft.dns.ExtendedError} says which and why.
 *
 * <p>What the zone can answer is answered on the thread that received the question, from records
 * that are encoded when the zone is made; {@link io.weft.dns.WireName} and the rest of this path
 * make no garbage. All else runs on virtual threads, and uses dnsjava.
 *
 * <p>{@link io.weft.dns.ResolvConf} and {@link io.weft.dns.ServiceEnvironment} say how a workload
 * finds the server and its services.
 *
 * <p>Sources: RFC 1034 and 1035, 2308 (negative caching), 6891 (EDNS), 7766 (TCP), 8020 (names
 * between), 8482 (ANY), 8914 (extended errors), 9520 (failures), and the Kubernetes DNS
 * specification 1.1.0.
 */
@NullMarked
package io.weft.dns;

import org.jspecify.annotations.NullMarked;
