package io.weft.agent;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a pod's processes find.
 *
 * @param launcher program and first arguments that run weft: for commands {@code weft …}
 * @param environment variables by which services are found
 * @param resolvConf the file that is their {@code /etc/resolv.conf}; empty: the machine's
 */
record ProcessContext(
        List<String> launcher, Map<String, String> environment, Optional<Path> resolvConf) {}
