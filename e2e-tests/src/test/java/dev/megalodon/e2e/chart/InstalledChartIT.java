package dev.megalodon.e2e.chart;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.megalodon.crds.apiserver.ApiServer;
import dev.megalodon.crds.apiserver.ApiServerExtension;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.authorization.v1.SubjectAccessReview;
import io.fabric8.kubernetes.api.model.authorization.v1.SubjectAccessReviewBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What is there, and who may do what, once the chart is installed. */
@ExtendWith(ApiServerExtension.class)
class InstalledChartIT {
  private static final String CRD = "megalodontrainingjobs.training.megalodon.dev";

  private static final String JOBS = "training.megalodon.dev/megalodontrainingjobs";

  /** Verb, group and resource of all that the operator does in a namespace with jobs. */
  private static final String[] IN_JOB_NAMESPACES = {
    "get list watch delete " + JOBS,
    "get patch " + JOBS + "/status",
    "update " + JOBS + "/finalizers",
    "get list watch create delete /pods",
    "get patch /pods/status",
    "get list watch create patch /services",
    "get list watch create patch /configmaps",
    "create /secrets",
    "create list /events",
  };

  /** What it must not be able to do. */
  private static final String[] NOWHERE = {
    "create update patch " + JOBS,
    "update patch /pods",
    "get /pods/proxy",
    "create /pods/exec",
    "get /pods/log",
    "get list watch update patch delete /secrets",
    "update delete /services",
    "update delete /configmaps",
    "get list delete /nodes",
    "get list delete /persistentvolumeclaims",
    "create delete /namespaces",
    "create delete batch/jobs",
    "create patch apps/deployments",
    "create bind escalate rbac.authorization.k8s.io/roles",
    "list watch create update patch delete apiextensions.k8s.io/customresourcedefinitions",
  };

  private final Release release;
  private final KubernetesClient client;

  InstalledChartIT(ApiServer server) {
    this.release = new Release(server);
    this.client = server.client();
  }

  @AfterEach
  void uninstall() {
    release.helm("uninstall", "--ignore-not-found").successful();
    client.apiextensions().v1().customResourceDefinitions().withName(CRD).delete();
  }

  @Test
  void shouldGiveTheRightsThatTheOperatorNeedsAndNoOther() {
    release.helm("install", "--create-namespace").successful();
    assertAllowed(true, "anywhere", IN_JOB_NAMESPACES);
    assertAllowed(false, "anywhere", NOWHERE);
    assertAllowed(false, Release.NAMESPACE, NOWHERE);
    assertAllowed(true, Release.NAMESPACE, "get create update patch coordination.k8s.io/leases");
    assertAllowed(false, "anywhere", "get create update patch coordination.k8s.io/leases");
  }

  @Test
  void shouldGiveRightsInWatchedNamespacesAlone() {
    createNamespace("team-a");
    release.helm("install", "--create-namespace", "--set=watchNamespaces={team-a}").successful();
    assertAllowed(true, "team-a", IN_JOB_NAMESPACES);
    assertAllowed(false, "team-a", NOWHERE);
    assertAllowed(false, "anywhere", IN_JOB_NAMESPACES);
    assertAllowed(true, Release.NAMESPACE, "get create update patch coordination.k8s.io/leases");
  }

  @Test
  void shouldGiveTheProxyOnlyWhenItIsUsed() {
    release.helm("install", "--create-namespace", "--set=progress.mode=proxy").successful();
    assertAllowed(true, "anywhere", "get /pods/proxy");
  }

  @Test
  void shouldLetTheOperatorMakeGangsOnlyWhereAskedTo() {
    release.helm("install", "--create-namespace", "--set=gangScheduling.volcano=true").successful();
    assertAllowed(true, "anywhere", "create patch scheduling.volcano.sh/podgroups");
    assertAllowed(false, "anywhere", "get delete scheduling.volcano.sh/podgroups");
    assertAllowed(false, "anywhere", "create patch scheduling.x-k8s.io/podgroups");
  }

  @Test
  void shouldUpgradeTheCrdAndLeaveItBehind() {
    release.helm("install", "--create-namespace").successful();
    var crd = client.apiextensions().v1().customResourceDefinitions().withName(CRD);
    long shipped = crd.get().getMetadata().getGeneration();
    release.helm("upgrade", "--set=replicas=2").successful();
    assertEquals(
        shipped, crd.get().getMetadata().getGeneration(), "an upgrade that changed nothing");
    crd.edit(
        older -> {
          older.getSpec().getVersions().get(0).getAdditionalPrinterColumns().remove(0);
          return older;
        });
    release.helm("upgrade", "--force-conflicts").successful();
    assertEquals(
        "PHASE",
        crd.get().getSpec().getVersions().get(0).getAdditionalPrinterColumns().get(0).getName());
    release.helm("uninstall").successful();
    assertNotNull(crd.get());
    assertNull(
        client
            .apps()
            .deployments()
            .inNamespace(Release.NAMESPACE)
            .withName("megalodon-operator")
            .get());
  }

  private void assertAllowed(boolean allowed, String namespace, String... rights) {
    for (String right : rights) {
      String[] words = right.split(" ");
      String resource = words[words.length - 1];
      for (String verb : Arrays.copyOf(words, words.length - 1)) {
        assertEquals(
            allowed,
            isAllowed(namespace, verb, resource),
            () -> "%s %s in namespace %s".formatted(verb, resource, namespace));
      }
    }
  }

  /** A resource is written {@code group/resource} or {@code group/resource/subresource}. */
  private boolean isAllowed(String namespace, String verb, String resource) {
    String[] parts = resource.split("/");
    String account = "system:serviceaccount:%s:megalodon-operator".formatted(Release.NAMESPACE);
    SubjectAccessReview review =
        new SubjectAccessReviewBuilder()
            .withNewSpec()
            .withUser(account)
            .withGroups("system:serviceaccounts", "system:authenticated")
            .withNewResourceAttributes()
            .withNamespace(namespace)
            .withVerb(verb)
            .withGroup(parts[0])
            .withResource(parts[1])
            .withSubresource(parts.length > 2 ? parts[2] : "")
            .endResourceAttributes()
            .endSpec()
            .build();
    return client
        .authorization()
        .v1()
        .subjectAccessReview()
        .create(review)
        .getStatus()
        .getAllowed();
  }

  private void createNamespace(String name) {
    client
        .resource(new NamespaceBuilder().withNewMetadata().withName(name).endMetadata().build())
        .serverSideApply();
  }
}
