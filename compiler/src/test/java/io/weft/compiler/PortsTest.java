package io.weft.compiler;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.model.Protocol;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PortsTest {
    private static List<Ports.Block> tcp(int first, int last) {
        return new Ports.Range(Protocol.TCP, first, last).blocks(Map.of());
    }

    @Test
    void one_port_is_one_block_of_24_bits() {
        assertThat(tcp(80, 80)).containsExactly(new Ports.Block(6, 80, 24));
    }

    @Test
    void an_aligned_range_is_one_block() {
        assertThat(tcp(8192, 16383)).containsExactly(new Ports.Block(6, 8192, 11));
    }

    @Test
    void all_ports_of_a_protocol_are_one_block_of_8_bits() {
        assertThat(tcp(0, 65535)).containsExactly(new Ports.Block(6, 0, 8));
    }

    @Test
    void every_port_is_the_block_of_no_bits() {
        assertThat(new Ports.Every().blocks(Map.of())).containsExactly(Ports.Block.EVERYTHING);
    }

    @Test
    void a_type_of_icmp_is_one_block_of_16_bits() {
        assertThat(new Ports.OfIcmp(1, 8).blocks(Map.of()))
                .containsExactly(new Ports.Block(1, 0x0800, 16));
        assertThat(new Ports.OfIcmp(58, 129).blocks(Map.of()))
                .containsExactly(new Ports.Block(58, 0x8100, 16));
    }

    @Test
    void a_ragged_range_grows_and_shrinks() {
        assertThat(tcp(79, 83))
                .containsExactly(new Ports.Block(6, 79, 24), new Ports.Block(6, 80, 22));
    }

    @Test
    void the_worst_range_has_30_blocks() {
        assertThat(tcp(1, 65534)).hasSize(30);
    }

    @Test
    void a_name_is_the_destinations_number_or_nothing() {
        Ports.Name http = new Ports.Name(Protocol.TCP, "http");
        assertThat(new Ports.Named(http).blocks(Map.of(http, 8080)))
                .containsExactly(new Ports.Block(6, 8080, 24));
        assertThat(new Ports.Named(http).blocks(Map.of(new Ports.Name(Protocol.UDP, "http"), 1)))
                .isEmpty();
    }

    @Test
    void blocks_are_exactly_the_range_without_overlap() {
        Random random = new Random(42);
        for (int i = 0; i < 500; i++) {
            int first = random.nextInt(65536);
            int last = first + random.nextInt(65536 - first);
            BitSet covered = new BitSet();
            int sum = 0;
            for (Ports.Block block : tcp(first, last)) {
                int size = 1 << (24 - block.bits());
                assertThat(block.port() % size).as("aligned: %s", block).isZero();
                covered.set(block.port(), block.port() + size);
                sum += size;
            }
            assertThat(covered.nextSetBit(0)).isEqualTo(first);
            assertThat(covered.length() - 1).isEqualTo(last);
            assertThat(covered.cardinality())
                    .as("%d-%d", first, last)
                    .isEqualTo(last - first + 1)
                    .isEqualTo(sum);
        }
    }
}
