package io.weft.agent;

import com.fasterxml.jackson.jr.ob.JSON;
import io.weft.model.ManifestReader;
import io.weft.model.Ref;
import io.weft.model.Resource;
import io.weft.store.Batch;
import io.weft.store.Ledger;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * What was applied, kept as it was written, so that after a restart each rule is still said to be
 * in its file and line. A file is kept as long as one of its objects is in force by it.
 */
final class ManifestStore {
    private static final String PREFIX = "manifest/";

    private final Ledger ledger;
    private final Map<Long, Kept> files = new TreeMap<>();
    private long next;

    /**
     * @param file its name as the user gave it
     * @param objects that are in force by it, each {@code Kind/namespace/name}
     */
    private record Kept(String file, String text, Set<String> objects) {
        byte[] toJson() {
            Map<String, Object> json = new LinkedHashMap<>();
            json.put("file", file);
            json.put("text", text);
            json.put("objects", List.copyOf(objects));
            try {
                return JSON.std.asBytes(json);
            } catch (IOException e) {
                throw new UncheckedIOException("manifest " + file, e);
            }
        }

        static Kept parse(byte[] bytes) {
            try {
                Map<String, Object> json = JSON.std.mapFrom(bytes);
                Set<String> objects = new HashSet<>();
                if (json.get("objects") instanceof List<?> list) {
                    list.forEach(object -> objects.add(object.toString()));
                }
                return new Kept(
                        String.valueOf(json.get("file")),
                        String.valueOf(json.get("text")),
                        objects);
            } catch (IOException e) {
                throw new UncheckedIOException("a kept manifest", e);
            }
        }
    }

    ManifestStore(Ledger ledger) {
        this.ledger = ledger;
        ledger.forEach(
                PREFIX,
                (key, value) -> {
                    long number = Long.parseLong(key.substring(PREFIX.length()), 16);
                    files.put(number, Kept.parse(value));
                    next = Math.max(next, number + 1);
                });
    }

    private static String key(long number) {
        return PREFIX + String.format("%016x", number);
    }

    private static String name(Ref ref) {
        return ref.kind() + "/" + ref.namespace() + "/" + ref.name();
    }

    /** {@return what is in force} */
    synchronized List<Resource> resources() {
        List<Resource> resources = new ArrayList<>();
        for (Kept kept : files.values()) {
            new ManifestReader()
                    .offline().read(kept.file(), kept.text()).stream()
                            .filter(resource -> kept.objects().contains(name(resource.ref())))
                            .forEach(resources::add);
        }
        return resources;
    }

    /**
     * Keeps files, and returns when they are durable.
     *
     * @param texts by name
     * @param resources that they hold
     */
    synchronized void applied(Map<String, String> texts, List<? extends Resource> resources) {
        Map<String, Set<String>> objects = new LinkedHashMap<>();
        for (Resource resource : resources) {
            objects.computeIfAbsent(resource.source().file(), file -> new HashSet<>())
                    .add(name(resource.ref()));
        }
        Map<Long, Kept> changed = without(resources.stream().map(Resource::ref).toList());
        objects.forEach((file, names) -> {
            String text = texts.get(file);
            if (text != null) {
                changed.put(next++, new Kept(file, text, names));
            }
        });
        write(changed);
    }

    synchronized void deleted(List<Ref> refs) {
        write(without(refs));
    }

    private Map<Long, Kept> without(List<Ref> refs) {
        Set<String> names = new HashSet<>();
        refs.forEach(ref -> names.add(name(ref)));
        Map<Long, Kept> changed = new TreeMap<>();
        files.forEach((number, kept) -> {
            Set<String> left = new HashSet<>(kept.objects());
            if (left.removeAll(names)) {
                changed.put(number, new Kept(kept.file(), kept.text(), left));
            }
        });
        return changed;
    }

    private void write(Map<Long, Kept> changed) {
        try (Batch batch = new Batch()) {
            changed.forEach((number, kept) -> {
                if (kept.objects().isEmpty()) {
                    batch.remove(key(number));
                } else {
                    batch.put(key(number), kept.toJson());
                }
            });
            ledger.write(batch).await();
        }
        changed.forEach((number, kept) -> {
            if (kept.objects().isEmpty()) {
                files.remove(number);
            } else {
                files.put(number, kept);
            }
        });
    }
}
