package dev.megalodon.operator.resources;

import dev.megalodon.crds.contract.WorkerEnvironment;
import dev.megalodon.crds.contract.WorkerPaths;
import dev.megalodon.crds.contract.WorkerPorts;
import dev.megalodon.crds.v1alpha1.MegalodonTrainingJob;
import dev.megalodon.crds.v1alpha1.SchedulingSpec;
import dev.megalodon.crds.v1alpha1.WorkerSpec;
import dev.megalodon.operator.naming.JobId;
import dev.megalodon.operator.naming.Labels;
import dev.megalodon.operator.naming.Names;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.ContainerPortBuilder;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.EnvVarBuilder;
import io.fabric8.kubernetes.api.model.LocalObjectReference;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodSecurityContext;
import io.fabric8.kubernetes.api.model.PodSecurityContextBuilder;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.PodSpecBuilder;
import io.fabric8.kubernetes.api.model.Probe;
import io.fabric8.kubernetes.api.model.ProbeBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import io.fabric8.kubernetes.api.model.SecurityContext;
import io.fabric8.kubernetes.api.model.SecurityContextBuilder;
import io.fabric8.kubernetes.api.model.TopologySpreadConstraint;
import io.fabric8.kubernetes.api.model.TopologySpreadConstraintBuilder;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Makes the pod of one rank and incarnation. */
public final class WorkerPodFactory {
  private static final long UNRESPONSIVE_GRACE_SECONDS = 5;

  private final WorkerDefaults defaults;

  /** A factory with the installation's defaults. */
  public WorkerPodFactory(WorkerDefaults defaults) {
    this.defaults = defaults;
  }

  /**
   * The pod, with {@code spec.worker.template} laid over it.
   *
   * @param rank rank it runs
   * @param incarnation its number, never used for another pod of the job
   * @param worldSize ranks that it trains with, itself included
   * @param group group that its queue admits together; empty without a queue
   */
  public Pod pod(
      MegalodonTrainingJob job, int rank, long incarnation, int worldSize, Optional<String> group) {
    JobId id = JobId.of(job);
    Placement placement = new Placement(job, worldSize, group);
    Pod own =
        new PodBuilder()
            .withNewMetadata()
            .withName(Names.pod(id, rank, incarnation))
            .withNamespace(id.namespace())
            .withLabels(Labels.ofWorker(id, rank, incarnation))
            .addToLabels(placement.labels())
            .withAnnotations(placement.annotations())
            .withOwnerReferences(JobResources.owner(job))
            .endMetadata()
            .withSpec(podSpec(job, rank, incarnation, worldSize, placement))
            .build();
    Map<String, Object> template = job.getSpec().worker().template();
    return template == null ? own : TemplateOverlay.lay(template, own);
  }

  private PodSpec podSpec(
      MegalodonTrainingJob job, int rank, long incarnation, int worldSize, Placement placement) {
    JobId id = JobId.of(job);
    WorkerVolumes volumes = WorkerVolumes.of(job, defaults);
    Optional<SchedulingSpec> scheduling = Optional.ofNullable(job.getSpec().scheduling());
    return new PodSpecBuilder()
        .withHostname(Names.host(id, rank))
        .withSubdomain(Names.service(id))
        .withRestartPolicy("Never")
        .withTerminationGracePeriodSeconds(job.getSpec().checkpoint().graceSeconds())
        .withAutomountServiceAccountToken(false)
        .withEnableServiceLinks(false)
        .withSecurityContext(podSecurity())
        .withPriorityClassName(scheduling.map(SchedulingSpec::priorityClassName).orElse(null))
        .withSchedulerName(placement.schedulerName().orElse(null))
        .withImagePullSecrets(
            defaults.imagePullSecrets().stream().map(LocalObjectReference::new).toList())
        .withTopologySpreadConstraints(spread(id))
        .withContainers(container(job, rank, incarnation, worldSize, volumes))
        .withVolumes(volumes.volumes())
        .build();
  }

  /** A rank's spare copy of another's state is of use only on another node. */
  private static TopologySpreadConstraint spread(JobId id) {
    return new TopologySpreadConstraintBuilder()
        .withMaxSkew(1)
        .withTopologyKey("kubernetes.io/hostname")
        .withWhenUnsatisfiable("ScheduleAnyway")
        .withNewLabelSelector()
        .withMatchLabels(Labels.selector(id))
        .endLabelSelector()
        .build();
  }

  private Container container(
      MegalodonTrainingJob job, int rank, long incarnation, int worldSize, WorkerVolumes volumes) {
    WorkerSpec worker = job.getSpec().worker();
    return new ContainerBuilder()
        .withName(Labels.WORKER_CONTAINER)
        .withImage(Objects.requireNonNullElse(worker.image(), defaults.image()))
        .withImagePullPolicy(pullPolicy(worker))
        .withArgs("train")
        .withEnv(environment(job, rank, incarnation, worldSize))
        .withPorts(
            port("rendezvous", "TCP", WorkerPorts.RENDEZVOUS),
            port("collectives", "UDP", WorkerPorts.COLLECTIVES),
            port("http", "TCP", WorkerPorts.HTTP))
        .withResources(resources(worker.resources()))
        .withSecurityContext(containerSecurity())
        .withVolumeMounts(volumes.mounts())
        .withTerminationMessagePath(WorkerPaths.TERMINATION_MESSAGE)
        .withTerminationMessagePolicy("FallbackToLogsOnError")
        .withStartupProbe(fatal(probe("/healthz", 1, 300)))
        .withLivenessProbe(fatal(probe("/healthz", 5, 6)))
        .withReadinessProbe(probe("/readyz", 2, 3))
        .build();
  }

  private @Nullable String pullPolicy(WorkerSpec worker) {
    WorkerSpec.ImagePullPolicy own = worker.imagePullPolicy();
    if (own == null) {
      return defaults.imagePullPolicy().orElse(null);
    }
    return switch (own) {
      case ALWAYS -> "Always";
      case IF_NOT_PRESENT -> "IfNotPresent";
      case NEVER -> "Never";
    };
  }

  private List<EnvVar> environment(
      MegalodonTrainingJob job, int rank, long incarnation, int worldSize) {
    JobId id = JobId.of(job);
    return List.of(
        variable(WorkerEnvironment.NAMESPACE, id.namespace()),
        variable(WorkerEnvironment.JOB_NAME, id.name()),
        variable(WorkerEnvironment.JOB_UID, id.uid()),
        variable(WorkerEnvironment.RANK, Integer.toString(rank)),
        variable(WorkerEnvironment.WORLD_SIZE, Integer.toString(worldSize)),
        variable(WorkerEnvironment.INCARNATION, Long.toString(incarnation)),
        variable(WorkerEnvironment.RENDEZVOUS_HOST, Names.dns(id, 0)),
        variable(WorkerEnvironment.LOG_FORMAT, defaults.logFormat()),
        new EnvVarBuilder()
            .withName(WorkerEnvironment.POD_IP)
            .withNewValueFrom()
            .withNewFieldRef()
            .withFieldPath("status.podIP")
            .endFieldRef()
            .endValueFrom()
            .build());
  }

  private static EnvVar variable(String name, String value) {
    return new EnvVarBuilder().withName(name).withValue(value).build();
  }

  private static ContainerPort port(String name, String protocol, int port) {
    return new ContainerPortBuilder()
        .withName(name)
        .withProtocol(protocol)
        .withContainerPort(port)
        .build();
  }

  /** Probes ask whether the process answers, never whether training goes well. */
  private static Probe probe(String path, int periodSeconds, int failures) {
    return new ProbeBuilder()
        .withNewHttpGet()
        .withPath(path)
        .withNewPort(WorkerPorts.HTTP)
        .endHttpGet()
        .withPeriodSeconds(periodSeconds)
        .withTimeoutSeconds(5)
        .withFailureThreshold(failures)
        .build();
  }

  /** A process that does not answer will not save anything either: it is ended soon. */
  private static Probe fatal(Probe probe) {
    return probe.edit().withTerminationGracePeriodSeconds(UNRESPONSIVE_GRACE_SECONDS).build();
  }

  private static ResourceRequirements resources(WorkerSpec.@Nullable Resources resources) {
    ResourceRequirements requirements = new ResourceRequirements();
    if (resources != null) {
      requirements.setRequests(quantities(resources.requests()));
      requirements.setLimits(quantities(resources.limits()));
    }
    return requirements;
  }

  private static Map<String, Quantity> quantities(@Nullable Map<String, String> amounts) {
    Map<String, Quantity> quantities = new TreeMap<>();
    if (amounts != null) {
      amounts.forEach((name, amount) -> quantities.put(name, new Quantity(amount)));
    }
    return quantities;
  }

  private PodSecurityContext podSecurity() {
    return new PodSecurityContextBuilder()
        .withRunAsNonRoot(true)
        .withRunAsUser(defaults.userId())
        .withRunAsGroup(defaults.userId())
        .withFsGroup(defaults.userId())
        .withFsGroupChangePolicy("OnRootMismatch")
        .withNewSeccompProfile()
        .withType("RuntimeDefault")
        .endSeccompProfile()
        .build();
  }

  private static SecurityContext containerSecurity() {
    return new SecurityContextBuilder()
        .withAllowPrivilegeEscalation(false)
        .withReadOnlyRootFilesystem(true)
        .withNewCapabilities()
        .withDrop("ALL")
        .endCapabilities()
        .build();
  }
}
