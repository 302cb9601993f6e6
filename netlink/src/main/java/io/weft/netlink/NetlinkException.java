package io.weft.netlink;

import io.weft.kernel.Errno;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The kernel refused a request, or its answer made no sense (EBADMSG). The message reads {@code
 * operation object: ESYMBOL (text): kernel's words [attribute]; next step}, e.g. {@code add route
 * 10.1.0.0/16 via 10.9.9.9: ENETUNREACH (Network is unreachable): Nexthop has invalid gateway}.
 */
public final class NetlinkException extends RuntimeException {
    private static final int EBADMSG = 74;
    private static final int EADDRNOTAVAIL = 99;
    private static final int ENETDOWN = 100;
    private static final int ENETUNREACH = 101;

    private final String operation;
    private final Errno errno;
    private final @Nullable String kernelMessage;
    private final @Nullable String attribute;

    NetlinkException(
            String operation,
            Errno errno,
            @Nullable String kernelMessage,
            @Nullable String attribute) {
        this(operation, errno, kernelMessage, attribute, nextStep(errno.code()));
    }

    private NetlinkException(
            String operation,
            Errno errno,
            @Nullable String kernelMessage,
            @Nullable String attribute,
            String nextStep) {
        super(message(operation, errno, kernelMessage, attribute, nextStep));
        this.operation = operation;
        this.errno = errno;
        this.kernelMessage = kernelMessage;
        this.attribute = attribute;
    }

    NetlinkException(String operation, int errno, String why) {
        this(operation, Errno.of(errno), why, null);
    }

    /** An answer that does not parse; {@link #during} adds the operation. */
    static NetlinkException malformed(String why) {
        return new NetlinkException("read netlink answer", EBADMSG, "malformed: " + why);
    }

    NetlinkException during(String request) {
        NetlinkException renamed = new NetlinkException(request, errno, kernelMessage, attribute);
        renamed.initCause(this);
        return renamed;
    }

    /** {@return the same refusal with a next step that knows more than the errno says} */
    NetlinkException explained(String nextStep) {
        NetlinkException told =
                new NetlinkException(operation, errno, kernelMessage, attribute, nextStep);
        told.initCause(this);
        return told;
    }

    /** Turns an NLMSG_ERROR or NLMSG_DONE that answers {@code request} into words. */
    static NetlinkException of(Request request, Reply reply) {
        Attributes ack = reply.extendedAck();
        String attribute =
                ack.has(Attr.NLMSGERR_ATTR_OFFS)
                        ? nameAt(request, ack.u32(Attr.NLMSGERR_ATTR_OFFS, 0))
                        : ack.has(Attr.NLMSGERR_ATTR_MISS_TYPE)
                                ? "missing attribute type "
                                        + ack.u32(Attr.NLMSGERR_ATTR_MISS_TYPE, 0)
                                : null;
        return new NetlinkException(
                request.operation(),
                Errno.of(reply.error()),
                ack.string(Attr.NLMSGERR_ATTR_MSG).orElse(null),
                attribute);
    }

    private static String nameAt(Request request, int offset) {
        return request.attributeAt(offset).map(Attr::name).orElse("offset " + offset);
    }

    /** {@return what was tried, and on what: {@code create link weft1a2b (veth)}} */
    public String operation() {
        return operation;
    }

    public Errno errno() {
        return errno;
    }

    /** Compares with the constants of {@link Errno}. */
    public boolean is(int code) {
        return errno.code() == code;
    }

    /** {@return the kernel's extended-ack text} */
    public Optional<String> kernelMessage() {
        return Optional.ofNullable(kernelMessage);
    }

    /**
     * {@return the attribute that the kernel blames, under its kernel name: {@code IFLA_IFNAME}}
     */
    public Optional<String> attribute() {
        return Optional.ofNullable(attribute);
    }

    private static String message(
            String operation,
            Errno errno,
            @Nullable String kernelMessage,
            @Nullable String attribute,
            String nextStep) {
        StringBuilder text = new StringBuilder(operation).append(": ").append(errno);
        if (kernelMessage != null) {
            text.append(": ").append(kernelMessage);
        }
        if (attribute != null) {
            text.append(" [").append(attribute).append(']');
        }
        return nextStep.isEmpty() ? text.toString() : text.append("; ").append(nextStep).toString();
    }

    private static String nextStep(int code) {
        return switch (code) {
            case Errno.EPERM, Errno.EACCES ->
                    "needs CAP_NET_ADMIN in the user namespace that owns this network namespace";
            case Errno.EEXIST -> "one like it is there already: replace or delete it first";
            case Errno.ENOENT, Errno.ESRCH -> "there is no such entry";
            case Errno.ENODEV -> "no such link in this namespace";
            case Errno.EOPNOTSUPP -> "this kernel was built without it, or the link cannot do it";
            case EADDRNOTAVAIL -> "no such address on that link";
            case ENETDOWN -> "set the link up first";
            case ENETUNREACH -> "no route to the gateway: add one, or use the onlink flag";
            default -> "";
        };
    }
}
