package dev.megalodon.crds;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import dev.megalodon.crds.v1alpha1.MegalodonTrainingJob;

/** The worker runs with this module and without any Kubernetes library. */
@AnalyzeClasses(packages = "dev.megalodon.crds", importOptions = DoNotIncludeTests.class)
class ArchitectureTest {
  @ArchTest
  static final ArchRule THE_CONTRACT_NEEDS_THE_JDK_ALONE =
      classes()
          .that()
          .resideInAPackage("..contract..")
          .should()
          .onlyDependOnClassesThat(
              resideInAnyPackage("java..", "org.jspecify.annotations", "..contract.."));

  @ArchTest
  static final ArchRule SPEC_RECORDS_NEED_ANNOTATIONS_ALONE =
      classes()
          .that()
          .resideInAPackage("..v1alpha1..")
          .and()
          .doNotHaveFullyQualifiedName(MegalodonTrainingJob.class.getName())
          .should()
          .onlyDependOnClassesThat(
              resideInAnyPackage(
                  "java..",
                  "org.jspecify.annotations",
                  "com.fasterxml.jackson.annotation",
                  "io.fabric8.generator.annotation",
                  "io.fabric8.crd.generator.annotation",
                  "io.fabric8.kubernetes.model.annotation",
                  "..v1alpha1.."));

  @ArchTest
  static final ArchRule NOTHING_HERE_KNOWS_THE_OTHER_MODULES =
      noClasses()
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "dev.megalodon.operator..", "dev.megalodon.trainer..", "dev.megalodon.kernels..");
}
