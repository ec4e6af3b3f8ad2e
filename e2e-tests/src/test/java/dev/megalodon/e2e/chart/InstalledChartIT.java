package dev.megalodon.e2e.chart;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.megalodon.crds.apiserver.ApiServer;
import dev.megalodon.crds.apiserver.ApiServerExtension;
import dev.megalodon.e2e.cluster.Await;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.rbac.Role;
import io.fabric8.kubernetes.api.model.rbac.RoleBinding;
import io.fabric8.kubernetes.api.model.rbac.RoleBindingBuilder;
import io.fabric8.kubernetes.api.model.rbac.RoleBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.RollableScalableResource;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What is there, and who may do what, once the chart is installed. */
@ExtendWith(ApiServerExtension.class)
class InstalledChartIT {
  private static final String LEASES = "coordination.k8s.io/leases";
  private static final String POLICIES = "networking.k8s.io/networkpolicies";
  private static final String JOBS = Access.JOBS;

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
    "get list watch create patch delete " + POLICIES,
    "get list watch create update patch delete apiextensions.k8s.io/customresourcedefinitions",
  };

  private final ApiServer server;
  private final Release release;
  private final KubernetesClient client;
  private final Access access;

  InstalledChartIT(ApiServer server) {
    this.server = server;
    this.release = new Release(server);
    this.client = server.client();
    this.access = new Access(client);
  }

  @AfterEach
  void uninstall() {
    release.helm("uninstall", "--ignore-not-found").successful();
    crd().delete();
    Await.until("the CRD to go", Duration.ofSeconds(30), () -> crd().get() == null);
  }

  @Test
  void shouldGiveTheRightsThatTheOperatorNeedsAndNoOther() {
    release.helm("install", "--create-namespace").successful();
    assertAllowed(true, "anywhere", IN_JOB_NAMESPACES);
    assertAllowed(false, "anywhere", NOWHERE);
    assertAllowed(false, Release.NAMESPACE, NOWHERE);
    assertAllowed(true, Release.NAMESPACE, "get create update patch " + LEASES);
    assertAllowed(false, "anywhere", "get create update patch " + LEASES);
  }

  @Test
  void shouldGiveRightsInWatchedNamespacesAlone() {
    createNamespace("team-a");
    release.helm("install", "--create-namespace", "--set=watchNamespaces={team-a}").successful();
    assertAllowed(true, "team-a", IN_JOB_NAMESPACES);
    assertAllowed(false, "team-a", NOWHERE);
    assertAllowed(false, "anywhere", IN_JOB_NAMESPACES);
    assertAllowed(true, Release.NAMESPACE, "get create update patch " + LEASES);
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
  void shouldGiveNetworkPoliciesOnlyWhenJobsHaveThem() {
    release
        .helm("install", "--create-namespace", "--set=networkPolicy.jobs.enabled=true")
        .successful();
    assertAllowed(true, "anywhere", "get list watch create patch " + POLICIES);
    assertAllowed(false, "anywhere", "update delete " + POLICIES);
  }

  @Test
  void shouldGiveNoRightsWhenSomebodyElseDoes() {
    release.helm("install", "--create-namespace", "--set=rbac.create=false").successful();
    assertAllowed(false, "anywhere", IN_JOB_NAMESPACES);
    assertAllowed(false, Release.NAMESPACE, "get create update patch " + LEASES);
  }

  /** What a team can do by itself once an administrator has installed the CRD. */
  @Test
  void shouldBeInstalledByWhoHasNoRightsInTheCluster() {
    release.kubectl("", "apply", "--server-side", "--filename=" + CrdFile.shipped()).successful();
    for (String namespace : List.of(Release.NAMESPACE, "team-a")) {
      createNamespace(namespace);
      client.resource(role(namespace)).serverSideApply();
      client.resource(binding(namespace, "lead", "Role", "everything")).serverSideApply();
    }
    String[] values = {
      "--kube-as-user=lead",
      "--kube-as-group=system:authenticated",
      "--set=crds.install=false,watchNamespaces={team-a}"
    };
    release.helm("install", values).successful();
    assertAllowed(true, "team-a", IN_JOB_NAMESPACES);
    assertAllowed(false, "anywhere", IN_JOB_NAMESPACES);
    assertTrue(
        client.rbac().clusterRoles().list().getItems().stream()
            .noneMatch(role -> role.getMetadata().getName().contains("megalodon")));
    release.helm("upgrade", values).successful();
    release.helm("uninstall", "--kube-as-user=lead").successful();
    assertNotNull(crd().get());
  }

  @Test
  void shouldLetEditorsOfANamespaceHaveJobs() {
    release.helm("install", "--create-namespace").successful();
    var roles = client.rbac().clusterRoles();
    for (String level : List.of("view", "edit")) {
      String role = "megalodontrainingjobs-" + level;
      assertEquals(
          "true",
          roles
              .withName(role)
              .get()
              .getMetadata()
              .getLabels()
              .get("rbac.authorization.k8s.io/aggregate-to-" + level));
      createNamespace("team-a");
      client.resource(binding("team-a", level + "or", "ClusterRole", role)).serverSideApply();
    }
    access.await(true, "viewor", "team-a", "list", JOBS);
    access.await(false, "viewor", "team-a", "create", JOBS);
    access.await(true, "editor", "team-a", "create", JOBS);
    access.await(false, "editor", "team-a", "patch", JOBS + "/status");
    access.await(false, "editor", "anywhere", "create", JOBS);
  }

  @Test
  void shouldUpgradeTheCrdOfAnOlderChartAndPutItBack(@TempDir Path folder) {
    Release older = new Release(server, CrdFile.olderChart(folder));
    older.helm("install", "--create-namespace").successful();
    assertEquals("STEP", firstColumn());
    release.helm("upgrade", "--set=logLevel=DEBUG").successful();
    assertEquals("PHASE", firstColumn());
    assertEquals("DEBUG", logLevel());
    long shipped = crd().get().getMetadata().getGeneration();
    release.helm("upgrade", "--set=replicas=2").successful();
    assertEquals(
        shipped, crd().get().getMetadata().getGeneration(), "an upgrade that changed nothing");
    release.helm("rollback", "1").successful();
    assertEquals("INFO", logLevel());
    assertEquals("STEP", firstColumn());
  }

  @Test
  void shouldTakeBackACrdThatSomebodyChanged() {
    release.helm("install", "--create-namespace").successful();
    crd()
        .edit(
            older -> {
              older.getSpec().getVersions().get(0).getAdditionalPrinterColumns().remove(0);
              return older;
            });
    release.helm("upgrade", "--force-conflicts").successful();
    assertEquals("PHASE", firstColumn());
  }

  @Test
  void shouldLeaveTheCrdAndFindItAgain() {
    release.helm("install", "--create-namespace").successful();
    release.helm("uninstall").successful();
    assertNotNull(crd().get());
    assertNull(deployment().get());
    release.helm("install").successful();
    assertNotNull(deployment().get());
  }

  @Test
  void shouldRemoveTheCrdWhenToldTo() {
    release.helm("install", "--create-namespace", "--set=crds.keep=false").successful();
    assertNotNull(crd().get());
    release.helm("uninstall").successful();
    Await.until("the CRD to go", Duration.ofSeconds(30), () -> crd().get() == null);
  }

  private Resource<CustomResourceDefinition> crd() {
    return client.apiextensions().v1().customResourceDefinitions().withName(CrdFile.NAME);
  }

  private String firstColumn() {
    return crd()
        .get()
        .getSpec()
        .getVersions()
        .getFirst()
        .getAdditionalPrinterColumns()
        .getFirst()
        .getName();
  }

  private RollableScalableResource<Deployment> deployment() {
    return client
        .apps()
        .deployments()
        .inNamespace(Release.NAMESPACE)
        .withName("megalodon-operator");
  }

  private String logLevel() {
    return deployment()
        .get()
        .getSpec()
        .getTemplate()
        .getSpec()
        .getContainers()
        .getFirst()
        .getEnv()
        .stream()
        .filter(variable -> variable.getName().equals("QUARKUS_LOG_LEVEL"))
        .findFirst()
        .orElseThrow()
        .getValue();
  }

  private void assertAllowed(boolean allowed, String namespace, String... rights) {
    for (String right : rights) {
      String[] words = right.split(" ");
      String resource = words[words.length - 1];
      for (String verb : Arrays.copyOf(words, words.length - 1)) {
        access.await(allowed, ChartRights.USER, namespace, verb, resource);
      }
    }
  }

  private static Role role(String namespace) {
    return new RoleBuilder()
        .withNewMetadata()
        .withName("everything")
        .withNamespace(namespace)
        .endMetadata()
        .addNewRule()
        .withApiGroups("*")
        .withResources("*")
        .withVerbs("*")
        .endRule()
        .build();
  }

  private static RoleBinding binding(String namespace, String user, String kind, String role) {
    return new RoleBindingBuilder()
        .withNewMetadata()
        .withName(user)
        .withNamespace(namespace)
        .endMetadata()
        .withNewRoleRef("rbac.authorization.k8s.io", kind, role)
        .addNewSubject("rbac.authorization.k8s.io", "User", user, null)
        .build();
  }

  private void createNamespace(String name) {
    client
        .resource(new NamespaceBuilder().withNewMetadata().withName(name).endMetadata().build())
        .serverSideApply();
  }
}
