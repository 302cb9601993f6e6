package io.weft.netlink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ValuesTest {
    @ParameterizedTest
    @CsvSource({
        "10.0.0.1, 10.0.0.1",
        "0.0.0.0, 0.0.0.0",
        "::, ::",
        "::1, ::1",
        "fd00::, fd00::",
        "2001:DB8:0:0:1:0:0:1, 2001:db8::1:0:0:1",
        "2001:db8:0:1:1:1:1:1, 2001:db8:0:1:1:1:1:1",
        "1:0:0:2:0:0:0:3, 1:0:0:2::3",
        "::ffff:10.0.0.1, ::ffff:a00:1"
    })
    void printsAddressesInTheirCanonicalForm(String text, String canonical) {
        Address address = Address.parse(text);
        assertThat(address).hasToString(canonical);
        assertThat(Address.parse(canonical)).isEqualTo(address).hasSameHashCodeAs(address);
        assertThat(Address.of(address.bytes())).isEqualTo(address);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "10.0.0",
                "10.0.0.256",
                "10.0.0.01",
                "localhost",
                "1",
                "fe80::1%lo",
                "[::1]",
                ":::",
                "1:2"
            })
    void refusesWhatIsNoAddress(String text) {
        assertThatThrownBy(() -> Address.parse(text)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void readsPrefixes() {
        assertThat(Cidr.parse("0.0.0.0/0")).isEqualTo(Cidr.ALL_V4);
        assertThat(Cidr.parse("::/0")).isEqualTo(Cidr.ALL_V6);
        assertThat(Cidr.parse("10.0.0.5")).hasToString("10.0.0.5/32");
        assertThat(Cidr.parse("fd00::5")).hasToString("fd00::5/128");
        for (String bad : new String[] {"10.0.0.0/33", "::/129", "10.0.0.0/", "10.0.0.0/-1"}) {
            assertThatThrownBy(() -> Cidr.parse(bad)).isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void readsHardwareAddresses() {
        HardwareAddress mac = HardwareAddress.parse("02:00:00:00:00:2a");
        assertThat(mac.bits()).isEqualTo(0x02000000002aL);
        assertThat(HardwareAddress.of(mac.bytes())).isEqualTo(mac).hasToString("02:00:00:00:00:2a");
        for (String bad : new String[] {"", "02:00", "02:00:00:00:00:zz", "020000000000"}) {
            assertThatThrownBy(() -> HardwareAddress.parse(bad))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }
}
