package io.weft.agent;

import io.weft.datapath.Xdp;
import java.util.Locale;

/**
 * An interface over which clients outside reach services.
 *
 * @param name of the interface
 * @param xdp where what comes in is looked at
 */
public record UplinkSetting(String name, Xdp xdp) {
    private static final String XDP = "xdp=";

    public static UplinkSetting of(String name) {
        return new UplinkSetting(name, Xdp.OFF);
    }

    /**
     * Reads {@code DEV} or {@code DEV,xdp=auto|native|generic|off}.
     *
     * @throws NodeException when it is neither, with what is wrong
     */
    public static UplinkSetting parse(String text) {
        String[] parts = text.split(",", -1);
        if (parts[0].isEmpty()) {
            throw wrong(text, "it begins with the name of an interface");
        }
        UplinkSetting setting = of(parts[0]);
        for (int i = 1; i < parts.length; i++) {
            if (!parts[i].startsWith(XDP)) {
                throw wrong(text, "'" + parts[i] + "' is no option of an uplink; xdp=MODE is");
            }
            setting = new UplinkSetting(setting.name, mode(text, parts[i].substring(XDP.length())));
        }
        return setting;
    }

    private static Xdp mode(String text, String word) {
        for (Xdp mode : Xdp.values()) {
            if (mode.name().toLowerCase(Locale.ROOT).equals(word)) {
                return mode;
            }
        }
        throw wrong(text, "xdp is auto, native, generic or off, not '" + word + "'");
    }

    private static NodeException wrong(String text, String what) {
        return new NodeException(NodeException.Cause.INPUT, "--uplink " + text + ": " + what);
    }
}
