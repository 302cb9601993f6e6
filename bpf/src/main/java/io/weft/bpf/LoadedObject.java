package io.weft.bpf;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The maps and programs of an object in the kernel. Closing closes them all; what is pinned or
 * attached stays.
 */
public final class LoadedObject implements AutoCloseable {
    private final Map<String, BpfMap> maps;
    private final Map<String, BpfProgram> programs;

    LoadedObject(Map<String, BpfMap> maps, Map<String, BpfProgram> programs) {
        this.maps = Collections.unmodifiableMap(new LinkedHashMap<>(maps));
        this.programs = Collections.unmodifiableMap(new LinkedHashMap<>(programs));
    }

    public Map<String, BpfMap> maps() {
        return maps;
    }

    public Map<String, BpfProgram> programs() {
        return programs;
    }

    /**
     * {@return the map {@code name}}
     *
     * @throws ObjectFormatException when there is no such map
     */
    public BpfMap map(String name) {
        return Optional.ofNullable(maps.get(name))
                .orElseThrow(() ->
                        new ObjectFormatException(
                                "no map is called " + name + "; there are " + maps.keySet()));
    }

    /**
     * {@return the program {@code name}}
     *
     * @throws ObjectFormatException when there is no such program
     */
    public BpfProgram program(String name) {
        return Optional.ofNullable(programs.get(name))
                .orElseThrow(() ->
                        new ObjectFormatException(
                                "no program is called "
                                        + name
                                        + "; there are "
                                        + programs.keySet()));
    }

    @Override
    public void close() {
        programs.values().forEach(BpfProgram::close);
        maps.values().forEach(BpfMap::close);
    }
}
