package io.weft.cli;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.equivalentTo;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.lang.foreign.Linker;
import java.lang.foreign.SymbolLookup;
import java.time.Clock;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What the module descriptors cannot say. */
class ArchitectureTest {
    private static JavaClasses weft;

    @BeforeAll
    static void readTheClasses() {
        weft =
                new ClassFileImporter()
                        .withImportOption(new ImportOption.DoNotIncludeTests())
                        .withImportOption(location -> !location.contains("tests.jar"))
                        .importPackages("io.weft");
    }

    /** ARCHITECTURE.md's table; each may also use itself and what those use. */
    private static final Map<String, List<String>> MAY_USE =
            Map.ofEntries(
                    Map.entry("claims", List.of()),
                    Map.entry("advisor", List.of("claims", "model")),
                    Map.entry("kernel", List.of()),
                    Map.entry("netlink", List.of("kernel")),
                    Map.entry("bpf", List.of("kernel")),
                    Map.entry("model", List.of()),
                    Map.entry("tables", List.of("model")),
                    Map.entry("compiler", List.of("model", "tables")),
                    Map.entry("dns", List.of("model")),
                    Map.entry("store", List.of()),
                    Map.entry("ipam", List.of("model", "store")),
                    Map.entry("cni", List.of("model", "netlink", "kernel")),
                    Map.entry("datapath", List.of("model", "tables", "bpf", "netlink", "kernel")),
                    Map.entry("flow", List.of("model", "tables")));

    @Test
    void everyModuleUsesOnlyThoseBelowIt() {
        MAY_USE.forEach((module, used) -> {
            String[] allowed =
                    Stream.concat(Stream.of(module), used.stream())
                            .map(m -> "io.weft." + m + "..")
                            .toArray(String[]::new);
            noClasses()
                    .that()
                    .resideInAPackage("io.weft." + module + "..")
                    .should()
                    .dependOnClassesThat(
                            resideInAPackage("io.weft..").and(not(resideInAnyPackage(allowed))))
                    .because(module + " may use " + Arrays.toString(allowed) + " only")
                    .check(weft);
        });
        noClasses()
                .that()
                .resideInAPackage("io.weft.agent..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.weft.lab..", "io.weft.cli..")
                .check(weft);
        noClasses()
                .that()
                .resideInAPackage("io.weft.lab..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("io.weft.cli..")
                .check(weft);
    }

    @Test
    void packagesHaveNoCycles() {
        slices().matching("io.weft.(*)..").should().beFreeOfCycles().check(weft);
    }

    @Test
    void onlyKernelLinksNativeCode() {
        noClasses()
                .that()
                .resideOutsideOfPackage("io.weft.kernel..")
                .should()
                .dependOnClassesThat(
                        equivalentTo(Linker.class).or(equivalentTo(SymbolLookup.class)))
                .check(weft);
        classes()
                .that()
                .haveFullyQualifiedName("io.weft.kernel.Linux")
                .should()
                .resideInAPackage("io.weft.kernel") // the importer saw the classes
                .check(weft);
    }

    @Test
    void theCompilerSeesNoClockFilesSocketsOrChance() {
        noClasses()
                .that()
                .resideInAPackage("io.weft.compiler..")
                .should()
                .callMethod(System.class, "currentTimeMillis")
                .orShould()
                .callMethod(System.class, "nanoTime")
                .orShould()
                .dependOnClassesThat(equivalentTo(Instant.class).or(equivalentTo(Clock.class)))
                .orShould()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "java.io..", "java.nio.file..", "java.nio.channels..", "java.net..")
                .orShould()
                .dependOnClassesThat()
                .haveNameMatching(
                        "java\\.util\\.(.*Random.*|random\\..*|UUID)|java\\.security\\..*")
                .orShould()
                .callMethod(Math.class, "random")
                .check(weft);
    }

    /** Readers read files; what they make has no clock, file or socket in it. */
    @Test
    void theModelsValuesSeeNoClockFilesSocketsOrChance() {
        noClasses()
                .that()
                .resideInAPackage("io.weft.model..")
                .and()
                .haveSimpleNameNotEndingWith("Reader")
                .and()
                .haveSimpleNameNotEndingWith("Tree")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "java.io..", "java.nio.file..", "java.nio.channels..", "java.net..")
                .orShould()
                .dependOnClassesThat()
                .haveNameMatching(
                        "java\\.util\\.(.*Random.*|random\\..*|UUID)|java\\.security\\..*")
                .check(weft);
        noClasses()
                .that()
                .resideInAPackage("io.weft.model..")
                .should()
                .callMethod(System.class, "currentTimeMillis")
                .orShould()
                .callMethod(System.class, "nanoTime")
                .orShould()
                .dependOnClassesThat(equivalentTo(Instant.class).or(equivalentTo(Clock.class)))
                .check(weft);
    }

    @Test
    void nobodyButPodsAndTheLabStartsProcesses() {
        noClasses()
                .that()
                .resideOutsideOfPackage("io.weft.lab..")
                .and()
                .doNotHaveFullyQualifiedName("io.weft.agent.PodProcess")
                .and()
                .doNotHaveFullyQualifiedName("io.weft.cni.CniProcess")
                .should()
                .dependOnClassesThat(equivalentTo(ProcessBuilder.class))
                .orShould()
                .callMethod(Runtime.class, "exec", String.class)
                .orShould()
                .callMethod(Runtime.class, "exec", String[].class)
                .check(weft);
    }
}
