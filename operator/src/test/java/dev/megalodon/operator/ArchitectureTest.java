package dev.megalodon.operator;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaMethodCall;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Clock;
import java.time.Instant;
import java.util.Set;

@AnalyzeClasses(
    packages = "dev.megalodon.operator",
    importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
  private static final String[] PURE = {
    "..operator.naming..",
    "..operator.observe..",
    "..operator.validate..",
    "..operator.plan..",
    "..operator.status..",
    "..operator.resources.."
  };

  private static final Set<String> WRITES =
      Set.of(
          "create",
          "createOr",
          "update",
          "updateStatus",
          "patch",
          "patchStatus",
          "edit",
          "editStatus",
          "replace",
          "delete",
          "serverSideApply",
          "serverSideApplyStatus",
          "serverSideApplyPrimary",
          "serverSideApplyPrimaryStatus",
          "updatePrimary",
          "updatePrimaryStatus");

  @ArchTest
  static final ArchRule pureRoomsSeeNoClient =
      noClasses()
          .that()
          .resideInAnyPackage(PURE)
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("io.fabric8.kubernetes.client.dsl..", "io.javaoperatorsdk..")
          .orShould()
          .dependOnClassesThat()
          .areAssignableTo(KubernetesClient.class);

  @ArchTest
  static final ArchRule planningHasNoClockOfItsOwn =
      noClasses()
          .that()
          .resideInAnyPackage("..operator.plan..", "..operator.status..")
          .should()
          .dependOnClassesThat()
          .areAssignableTo(Clock.class)
          .orShould()
          .callMethod(Instant.class, "now");

  @ArchTest
  static final ArchRule onlyActWrites =
      noClasses()
          .that()
          .resideOutsideOfPackage("..operator.act..")
          .should()
          .callMethodWhere(
              new DescribedPredicate<JavaMethodCall>("writes to the API server") {
                @Override
                public boolean test(JavaMethodCall call) {
                  return isClient(call) && WRITES.contains(call.getName());
                }
              });

  @ArchTest
  static final ArchRule theOperatorKnowsNothingOfTheTrainer =
      noClasses()
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("dev.megalodon.trainer..", "dev.megalodon.kernels..");

  @ArchTest
  static final ArchRule noCycles =
      slices().matching("dev.megalodon.operator.(*)..").should().beFreeOfCycles();

  private static boolean isClient(JavaAccess<?> access) {
    String owner = access.getTargetOwner().getPackageName();
    return owner.startsWith("io.fabric8.kubernetes.client")
        || owner.startsWith("io.javaoperatorsdk");
  }
}
