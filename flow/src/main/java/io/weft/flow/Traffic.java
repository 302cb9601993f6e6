package io.weft.flow;

/**
 * What went both ways. Bytes are of the IP packets, headers included.
 *
 * @param sourcePackets that the source sent
 * @param destinationPackets that the destination sent
 */
public record Traffic(
        long sourcePackets, long destinationPackets, long sourceBytes, long destinationBytes) {
    public long packets() {
        return sourcePackets + destinationPackets;
    }

    public long bytes() {
        return sourceBytes + destinationBytes;
    }
}
