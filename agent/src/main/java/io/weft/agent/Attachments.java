package io.weft.agent;

import io.weft.cni.AttachmentId;
import io.weft.model.Ref;
import io.weft.store.Batch;
import io.weft.store.Ledger;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** The attachments that there are, kept in the ledger. For any thread. */
final class Attachments {
    private static final String PREFIX = "attachment/";

    private final Map<AttachmentId, Attachment> all = new ConcurrentHashMap<>();
    private final Map<Ref, AttachmentId> byPod = new ConcurrentHashMap<>();

    Attachments(Ledger ledger) {
        ledger.forEach(PREFIX, (key, value) -> add(Attachment.parse(value)));
    }

    private static String key(AttachmentId id) {
        return PREFIX + id.containerId() + "/" + id.ifname();
    }

    private void add(Attachment attachment) {
        all.put(attachment.id(), attachment);
        byPod.put(attachment.pod(), attachment.id());
    }

    /** Adds it with {@code batch}. */
    void put(Attachment attachment, Batch batch) {
        batch.put(key(attachment.id()), attachment.toJson()).whenWritten(() -> add(attachment));
    }

    /** Removes it with {@code batch}. */
    void remove(Attachment attachment, Batch batch) {
        batch.remove(key(attachment.id()))
                .whenWritten(() -> {
                    all.remove(attachment.id());
                    byPod.remove(attachment.pod(), attachment.id());
                });
    }

    Optional<Attachment> find(AttachmentId id) {
        return Optional.ofNullable(all.get(id));
    }

    /** {@return whose attachment it is} */
    Optional<Attachment> of(Ref pod) {
        return Optional.ofNullable(byPod.get(pod)).flatMap(this::find);
    }

    List<Attachment> all() {
        return new ArrayList<>(all.values());
    }
}
