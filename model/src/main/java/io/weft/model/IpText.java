package io.weft.model;

import java.util.Optional;

/** Text of addresses: dotted quad and RFC 4291 §2.2 in, RFC 5952 out. */
final class IpText {
    private IpText() {}

    static Optional<Ip> parse(String text) {
        if (text.indexOf(':') < 0) {
            long v4 = quad(text);
            return v4 < 0 ? Optional.empty() : Optional.of(Ip.v4((int) v4));
        }
        return v6(text);
    }

    /** {@return 32 bits, or -1} */
    private static long quad(String text) {
        long bits = 0;
        int parts = 0;
        int start = 0;
        while (true) {
            int dot = text.indexOf('.', start);
            int end = dot < 0 ? text.length() : dot;
            int length = end - start;
            if (length < 1 || length > 3 || (length > 1 && text.charAt(start) == '0')) {
                return -1;
            }
            int n = 0;
            for (int i = start; i < end; i++) {
                char c = text.charAt(i);
                if (c < '0' || c > '9') {
                    return -1;
                }
                n = n * 10 + (c - '0');
            }
            if (n > 255 || ++parts > 4) {
                return -1;
            }
            bits = bits << 8 | n;
            if (dot < 0) {
                return parts == 4 ? bits : -1;
            }
            start = dot + 1;
        }
    }

    private static Optional<Ip> v6(String text) {
        int gap = text.indexOf("::");
        int dot = text.indexOf('.');
        boolean quadBeforeGap = dot >= 0 && dot < gap; // 1.2.3.4:: is none
        if (quadBeforeGap || (gap >= 0 && text.indexOf("::", gap + 1) >= 0)) {
            return Optional.empty();
        }
        int[] groups = new int[8];
        if (gap < 0) {
            return groups(text, groups, 0) == 8 ? Optional.of(of(groups)) : Optional.empty();
        }
        int[] tail = new int[8];
        int head = gap == 0 ? 0 : groups(text.substring(0, gap), groups, 0);
        String rest = text.substring(gap + 2);
        int last = rest.isEmpty() ? 0 : groups(rest, tail, 0);
        if (head < 0 || last < 0 || head + last > 7) {
            return Optional.empty();
        }
        System.arraycopy(tail, 0, groups, 8 - last, last);
        return Optional.of(of(groups));
    }

    /** {@return how many 16-bit groups {@code text} holds, or -1} */
    private static int groups(String text, int[] into, int from) {
        int n = from;
        int start = 0;
        while (true) {
            int colon = text.indexOf(':', start);
            int end = colon < 0 ? text.length() : colon;
            String part = text.substring(start, end);
            if (colon < 0 && part.indexOf('.') >= 0) {
                long v4 = quad(part);
                if (v4 < 0 || n > 6) {
                    return -1;
                }
                into[n++] = (int) (v4 >>> 16);
                into[n++] = (int) (v4 & 0xffff);
                return n;
            }
            if (part.isEmpty() || part.length() > 4 || n > 7) {
                return -1;
            }
            int group = 0;
            for (int i = 0; i < part.length(); i++) {
                int digit = Character.digit(part.charAt(i), 16);
                if (digit < 0 || part.charAt(i) > 'f') {
                    return -1;
                }
                group = group << 4 | digit;
            }
            into[n++] = group;
            if (colon < 0) {
                return n;
            }
            start = colon + 1;
        }
    }

    private static Ip of(int[] groups) {
        long high = 0;
        long low = 0;
        for (int i = 0; i < 4; i++) {
            high = high << 16 | groups[i];
            low = low << 16 | groups[i + 4];
        }
        return new Ip(high, low);
    }

    static String format(Ip ip) {
        if (ip.isV4()) {
            int b = ip.v4Bits();
            return (b >>> 24) + "." + (b >>> 16 & 255) + "." + (b >>> 8 & 255) + "." + (b & 255);
        }
        int[] groups = new int[8];
        for (int i = 0; i < 4; i++) {
            groups[i] = (int) (ip.high() >>> (48 - 16 * i) & 0xffff);
            groups[i + 4] = (int) (ip.low() >>> (48 - 16 * i) & 0xffff);
        }
        int bestStart = -1;
        int bestLength = 1; // a single zero group is not shortened
        for (int i = 0; i < 8; i++) {
            int j = i;
            while (j < 8 && groups[j] == 0) {
                j++;
            }
            if (j - i > bestLength) {
                bestStart = i;
                bestLength = j - i;
            }
            i = Math.max(i, j - 1);
        }
        StringBuilder text = new StringBuilder(39);
        for (int i = 0; i < 8; i++) {
            if (i == bestStart) {
                text.append("::");
                i += bestLength - 1;
                continue;
            }
            if (!text.isEmpty() && text.charAt(text.length() - 1) != ':') {
                text.append(':');
            }
            text.append(Integer.toHexString(groups[i]));
        }
        return text.toString();
    }
}
