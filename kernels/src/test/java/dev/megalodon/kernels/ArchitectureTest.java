package dev.megalodon.kernels;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaFieldAccess;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.library.dependencies.SlicesRuleDefinition;
import java.util.Set;
import jdk.incubator.vector.VectorOperators;

/** Which way dependencies point, and vector operations whose bits are not fixed. */
@AnalyzeClasses(
    packages = "dev.megalodon.kernels",
    importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
  private static final Set<String> TRANSCENDENTAL =
      Set.of(
          "EXP", "EXPM1", "LOG", "LOG10", "LOG1P", "POW", "SIN", "COS", "TAN", "SINH", "COSH",
          "TANH", "ASIN", "ACOS", "ATAN", "ATAN2", "CBRT", "HYPOT");

  @ArchTest
  static final ArchRule kernelsKnowNoOtherModule =
      noClasses()
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "dev.megalodon.crds..", "dev.megalodon.trainer..", "dev.megalodon.operator..");

  @ArchTest
  static final ArchRule interfacesKnowNoImplementation =
      noClasses()
          .that()
          .resideInAPackage("dev.megalodon.kernels")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("dev.megalodon.kernels.*..");

  @ArchTest
  static final ArchRule oracleStandsAlone =
      noClasses()
          .that()
          .resideInAPackage("..kernels.reference..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("..kernels.cpu..", "..kernels.gemm..", "..kernels.threads..");

  @ArchTest
  static final ArchRule nd4jStaysWithGemm =
      classes()
          .that()
          .resideOutsideOfPackage("..kernels.gemm..")
          .should()
          .onlyDependOnClassesThat()
          .resideOutsideOfPackages("org.nd4j..", "org.bytedeco..");

  @ArchTest
  static final ArchRule noCycles =
      SlicesRuleDefinition.slices()
          .matching("dev.megalodon.kernels.(*)..")
          .should()
          .beFreeOfCycles();

  /** Their order of addition differs between the interpreter and C2. */
  @ArchTest
  static final ArchRule noReductionsOfUnknownOrder =
      noClasses()
          .should()
          .accessTargetWhere(
              new DescribedPredicate<JavaAccess<?>>("calls Vector.reduceLanes") {
                @Override
                public boolean test(JavaAccess<?> access) {
                  return access.getName().startsWith("reduceLanes");
                }
              });

  /** Their rounding differs between the interpreter and C2. */
  @ArchTest
  static final ArchRule noTranscendentalOperators =
      noClasses()
          .should()
          .accessFieldWhere(
              new DescribedPredicate<JavaFieldAccess>("reads a transcendental VectorOperators") {
                @Override
                public boolean test(JavaFieldAccess access) {
                  return access.getTargetOwner().isEquivalentTo(VectorOperators.class)
                      && TRANSCENDENTAL.contains(access.getName());
                }
              });
}
