package io.weft.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class IpTest {
    /** The examples of RFC 5952 §1, §2 and §4, and RFC 4291 §2.2. */
    @ParameterizedTest
    @CsvSource({
        "2001:db8:0:0:1:0:0:1, 2001:db8::1:0:0:1",
        "2001:0db8:0:0:1:0:0:1, 2001:db8::1:0:0:1",
        "2001:db8::1:0:0:1, 2001:db8::1:0:0:1",
        "2001:db8::0:1:0:0:1, 2001:db8::1:0:0:1",
        "2001:db8:0000:0:1::1, 2001:db8::1:0:0:1",
        "2001:DB8:0:0:1::1, 2001:db8::1:0:0:1",
        "2001:db8:aaaa:bbbb:cccc:dddd:eeee:0001, 2001:db8:aaaa:bbbb:cccc:dddd:eeee:1",
        "2001:db8:0:0:0:0:2:1, 2001:db8::2:1",
        "2001:db8:0:1:1:1:1:1, 2001:db8:0:1:1:1:1:1",
        "2001:db8::1:1:1:1:1, 2001:db8:0:1:1:1:1:1",
        "2001:0:0:1:0:0:0:1, 2001:0:0:1::1",
        "2001:0db8::0001, 2001:db8::1",
        "0:0:0:0:0:0:0:0, ::",
        "0:0:0:0:0:0:0:1, ::1",
        "FF01::101, ff01::101",
        "1:0:0:0:0:0:0:0, 1::",
        "1:2:3:4:5:6:7::, 1:2:3:4:5:6:7:0",
        "::13.1.68.3, ::d01:4403",
        "64:ff9b::192.0.2.33, 64:ff9b::c000:221",
        "10.0.0.1, 10.0.0.1",
        "255.255.255.255, 255.255.255.255"
    })
    void writesTheCanonicalText(String text, String canonical) {
        assertThat(Ip.parse(text)).hasToString(canonical).isEqualTo(Ip.parse(canonical));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ".",
                ":",
                ":::",
                "1.2.3",
                "1.2.3.4.5",
                "1.2.3.256",
                "01.2.3.4",
                "1.2.3.4 ",
                "1.2.3.-4",
                "1..2.3",
                "1:2:3:4:5:6:7",
                "1:2:3:4:5:6:7:8:9",
                "1::2::3",
                "12345::",
                "g::",
                "::1%eth0",
                "1:2:3:4:5:6:7:1.2.3.4",
                "1.2.3.4::",
                ":1:2:3:4:5:6:7",
                "1:2:3:4:5:6:7:",
                "1::2:",
                "::ffff:1.2.3",
                "1:2:3:4:5:6:7:8::",
                "١.2.3.4"
            })
    void refusesWhatIsNoAddress(String text) {
        assertThat(Ip.tryParse(text)).isEmpty();
        assertThatThrownBy(() -> Ip.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("not an IP address: '" + text + "'");
    }

    @Test
    void anIpv4MappedAddressIsTheIpv4Address() {
        Ip mapped = Ip.parse("::ffff:10.0.0.1");

        assertThat(mapped).isEqualTo(Ip.parse("10.0.0.1")).isEqualTo(Ip.v4(0x0a000001));
        assertThat(mapped).isEqualTo(Ip.parse("::ffff:a00:1")).hasToString("10.0.0.1");
        assertThat(mapped.bits()).isEqualTo(32);
        assertThat(mapped.v4Bits()).isEqualTo(0x0a000001);
    }

    @Test
    void bytesAreInNetworkOrder() {
        assertThat(Ip.parse("10.0.0.1").toBytes16())
                .containsExactly(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 10, 0, 0, 1);
        assertThat(Ip.of(new byte[] {10, 0, 0, 1})).hasToString("10.0.0.1");
        assertThat(Ip.of(Ip.parse("fd00::1").toBytes16())).hasToString("fd00::1");
        assertThatThrownBy(() -> Ip.of(new byte[5]))
                .hasMessage("an address has 4 or 16 bytes, not 5");
    }

    @Test
    void addsWithCarryAndComparesUnsigned() {
        assertThat(Ip.parse("10.0.0.255").plus(1)).hasToString("10.0.1.0");
        assertThat(Ip.parse("fd00::ffff:ffff:ffff:ffff").plus(1)).hasToString("fd00:0:0:1::");
        assertThat(Stream.of("fe80::1", "10.0.0.1", "::1", "200.0.0.1").map(Ip::parse).sorted())
                .map(Ip::toString)
                .containsExactly("::1", "10.0.0.1", "200.0.0.1", "fe80::1");
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void agreesWithTheJdkOnRandomAddresses(long seed) throws UnknownHostException {
        Random random = new Random(seed);
        for (int i = 0; i < 10_000; i++) {
            byte[] bytes = new byte[random.nextBoolean() ? 4 : 16];
            for (int j = 0; j < bytes.length; j++) {
                bytes[j] = random.nextInt(3) == 0 ? (byte) random.nextInt() : 0;
            }
            Ip ip = Ip.of(bytes);
            InetAddress jdk = InetAddress.getByAddress(bytes);

            assertThat(Ip.parse(jdk.getHostAddress())).as("seed " + seed).isEqualTo(ip);
            assertThat(InetAddress.getByName(ip.toString())).as("seed " + seed).isEqualTo(jdk);
        }
    }
}
