package io.weft.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PrefixTest {
    @ParameterizedTest
    @CsvSource({
        "10.1.2.3/8, 10.0.0.0/8",
        "10.1.2.3/32, 10.1.2.3/32",
        "10.1.2.3/0, 0.0.0.0/0",
        "192.168.1.129/25, 192.168.1.128/25",
        "fd00::1/8, fd00::/8",
        "2001:db8:1:2:3::/64, 2001:db8:1:2::/64",
        "2001:db8:1:2:8000::1/65, 2001:db8:1:2:8000::/65",
        "fe80::1/128, fe80::1/128",
        "ffff::1/0, ::/0",
        "::ffff:10.1.2.3/104, 10.0.0.0/8"
    })
    void clearsHostBits(String text, String canonical) {
        assertThat(Prefix.parse(text)).hasToString(canonical).isEqualTo(Prefix.parse(canonical));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "/",
                "10.0.0.0",
                "10.0.0.0/",
                "10.0.0.0/33",
                "::/129",
                "10.0.0.0/08",
                "::/+1",
                "10.0.0/8",
                "10.0.0.0/8/8",
                "::ffff:10.0.0.0/8",
                "::/1000"
            })
    void refusesWhatIsNoBlock(String text) {
        assertThat(Prefix.tryParse(text)).isEmpty();
        assertThatThrownBy(() -> Prefix.parse(text))
                .hasMessage("not a CIDR block (address/length): '" + text + "'");
    }

    @Test
    void containsAddressesOfItsFamilyOnly() {
        Prefix ten = Prefix.parse("10.0.0.0/8");

        assertThat(ten.contains(Ip.parse("10.255.255.255"))).isTrue();
        assertThat(ten.contains(Ip.parse("11.0.0.0"))).isFalse();
        assertThat(Prefix.ALL_V4.contains(Ip.parse("::1"))).isFalse();
        assertThat(Prefix.ALL_V6.contains(Ip.parse("10.0.0.1"))).isFalse();
        assertThat(Prefix.ALL_V6.contains(Ip.parse("::1"))).isTrue();
        assertThat(Prefix.parse("fd00::/65").contains(Ip.parse("fd00::8000:0:0:0"))).isFalse();
    }

    @Test
    void containsBlocksThatAreInsideOrEqual() {
        Prefix ten = Prefix.parse("10.0.0.0/8");

        assertThat(ten.contains(ten)).isTrue();
        assertThat(ten.contains(Prefix.parse("10.9.0.0/16"))).isTrue();
        assertThat(ten.contains(Prefix.ALL_V4)).isFalse();
        assertThat(Prefix.ALL_V4.contains(Prefix.ALL_V6)).isFalse();
    }

    @Test
    void countsIpv4LengthsAmong128Bits() {
        assertThat(Prefix.parse("10.0.0.0/8").mappedLength()).isEqualTo(104);
        assertThat(Prefix.ALL_V6.mappedLength()).isZero();
        assertThat(Prefix.of(Ip.parse("10.0.0.1"))).hasToString("10.0.0.1/32");
        assertThat(Prefix.of(Ip.parse("fd00::1"))).hasToString("fd00::1/128");
    }

    @Test
    void sortsABlockBeforeThoseInsideIt() {
        assertThat(
                        Stream.of("fd00::/8", "10.0.0.0/16", "10.1.0.0/16", "10.0.0.0/8", "::/0")
                                .map(Prefix::parse)
                                .sorted())
                .map(Prefix::toString)
                .containsExactly("10.0.0.0/8", "10.0.0.0/16", "10.1.0.0/16", "::/0", "fd00::/8");
    }
}
