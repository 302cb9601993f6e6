package io.weft.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weft.model.Ip;
import io.weft.model.Prefix;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AddressPoolTest {
    private static final Prefix POOL6 = Prefix.parse("fd77::/64");

    private static AddressPool pool(String pool4) {
        return new AddressPool(Prefix.parse(pool4), POOL6);
    }

    private static List<Ip> ips(String v4, String v6) {
        return List.of(Ip.parse(v4), Ip.parse(v6));
    }

    @Test
    void givesAnAddressOfEachFamilyWithTheSameOffset() {
        AddressPool pool = pool("10.77.0.0/16");

        assertThat(pool.take()).isEqualTo(ips("10.77.0.2", "fd77::2"));
        assertThat(pool.take()).isEqualTo(ips("10.77.0.3", "fd77::3"));
        assertThat(pool.inUse()).isEqualTo(2);
    }

    @Test
    void keepsTheFirstAddressForTheNode() {
        assertThat(AddressPool.nodeAddresses(Prefix.parse("10.77.0.0/16"), POOL6))
                .isEqualTo(ips("10.77.0.1", "fd77::1"));
    }

    @Test
    void givesNoNetworkNodeOrBroadcastAddress() {
        AddressPool pool = pool("192.0.2.8/29");
        Set<Ip> given = new HashSet<>();
        for (int i = 0; i < pool.capacity(); i++) {
            given.addAll(pool.take());
        }

        assertThat(pool.capacity()).isEqualTo(5);
        assertThat(given)
                .filteredOn(Ip::isV4)
                .containsExactlyInAnyOrder(
                        Ip.parse("192.0.2.10"),
                        Ip.parse("192.0.2.11"),
                        Ip.parse("192.0.2.12"),
                        Ip.parse("192.0.2.13"),
                        Ip.parse("192.0.2.14"));
    }

    @Test
    void reusesNothingWhileFreshOnesAreLeftAndThenTheOldestFirst() {
        AddressPool pool = pool("192.0.2.8/29");
        List<Ip> first = pool.take();
        List<Ip> second = pool.take();
        pool.giveBack(second);
        pool.giveBack(first);

        List<List<Ip>> fresh = List.of(pool.take(), pool.take(), pool.take());
        assertThat(fresh).doesNotContain(first, second);
        assertThat(pool.take()).isEqualTo(second);
        assertThat(pool.take()).isEqualTo(first);
    }

    @Test
    void saysHowManyWereThereWhenNoneIsLeft() {
        AddressPool pool = pool("192.0.2.8/29");
        for (int i = 0; i < 5; i++) {
            pool.take();
        }

        assertThatThrownBy(pool::take)
                .isInstanceOf(NodeException.class)
                .hasMessage(
                        "address pool 192.0.2.8/29 is exhausted: all 5 addresses are in use;"
                                + " delete pods or choose a larger --pool4");
        assertThat(pool.inUse()).isEqualTo(5);
    }

    @Test
    void refusesAddressesThatAreNotInUse() {
        AddressPool pool = pool("192.0.2.8/29");
        List<Ip> addresses = pool.take();
        pool.giveBack(addresses);

        assertThatThrownBy(() -> pool.giveBack(addresses))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("is not in use");
        assertThatThrownBy(() -> pool.giveBack(ips("10.0.0.1", "fd00::1")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("is not in use");
        assertThat(pool.take()).isNotEqualTo(addresses);
    }

    @Test
    void isTheSameAsAQueueOfAllAddresses() {
        AddressPool pool = pool("10.77.0.0/24");
        Deque<List<Ip>> free = new ArrayDeque<>();
        for (int i = 2; i < 255; i++) {
            free.add(ips("10.77.0." + i, "fd77::" + Integer.toHexString(i)));
        }
        List<List<Ip>> held = new ArrayList<>();
        java.util.Random chance = new java.util.Random(7);

        for (int i = 0; i < 20_000; i++) {
            if (!free.isEmpty() && (held.isEmpty() || chance.nextInt(100) < 52)) {
                List<Ip> taken = pool.take();
                assertThat(taken).isEqualTo(free.poll());
                held.add(taken);
            } else {
                List<Ip> back = held.remove(chance.nextInt(held.size()));
                pool.giveBack(back);
                free.add(back);
            }
            assertThat(pool.inUse()).isEqualTo(held.size());
        }
    }

    @Test
    void handsOutMillionsFromALargePool() {
        AddressPool pool = pool("10.0.0.0/8");
        assertThat(pool.capacity()).isEqualTo(65_533); // as many as an IPv6 /112 can number
        for (int i = 0; i < 3_000_000; i++) { // a search for a free one would take hours
            pool.giveBack(pool.take());
        }
        assertThat(pool.inUse()).isZero();
    }

    @ParameterizedTest
    @CsvSource({
        "10.0.0.0/30, fd77::/64, IPv4 pool 10.0.0.0/30: an IPv4 block of /29 or larger is needed",
        "fd77::/64,   fd77::/64, IPv4 pool fd77::/64: an IPv4 block of /29 or larger is needed",
        "10.0.0.0/16, fd77::/113, IPv6 pool fd77::/113: an IPv6 block of /112 or larger is needed",
        "10.0.0.0/16, 10.0.0.0/8, IPv6 pool 10.0.0.0/8: an IPv6 block of /112 or larger is needed",
        "224.0.0.0/16, fd77::/64, 'pools 224.0.0.0/16 and fd77::/64: ranges[0].subnet: 224.0.0.0/16"
                + " has addresses of 224.0.0.0/3, no host''s'",
    })
    void refusesPoolsThatAreTooSmallOrOfTheWrongFamily(String pool4, String pool6, String why) {
        assertThatThrownBy(() -> new AddressPool(Prefix.parse(pool4), Prefix.parse(pool6)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(why);
    }
}
