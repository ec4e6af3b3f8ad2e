package dev.megalodon.operator.act;

import dev.megalodon.crds.v1alpha1.MegalodonTrainingJob;
import dev.megalodon.crds.v1alpha1.MegalodonTrainingJobStatus;
import dev.megalodon.operator.naming.JobId;
import dev.megalodon.operator.naming.Names;
import dev.megalodon.operator.observe.Blocker;
import dev.megalodon.operator.observe.Obstacle;
import dev.megalodon.operator.observe.Ownership;
import dev.megalodon.operator.observe.WorkerPod;
import dev.megalodon.operator.plan.Notice;
import dev.megalodon.operator.plan.Plan;
import dev.megalodon.operator.resources.GangGroup;
import dev.megalodon.operator.resources.WorkerPodFactory;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.PodResource;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.processing.dependent.workflow.WorkflowReconcileResult;
import java.net.HttpURLConnection;
import java.time.Instant;
import java.util.Optional;
import org.jboss.logging.Logger;

/** Writes to the API server, for one job and one pass. */
public final class KubernetesWriter implements ClusterWriter {
  private static final Logger LOG = Logger.getLogger(KubernetesWriter.class);

  private static final long STALLED_GRACE_SECONDS = 1;

  private final MegalodonTrainingJob job;
  private final Context<MegalodonTrainingJob> context;
  private final WorkerPodFactory pods;
  private final PodMarks marks;
  private final EventWriter events;
  private final Instant now;
  private String resourceVersion;

  /** A writer for the job that this context is about. */
  public KubernetesWriter(
      MegalodonTrainingJob job,
      Context<MegalodonTrainingJob> context,
      WorkerPodFactory pods,
      Instant now) {
    this.job = job;
    this.context = context;
    this.pods = pods;
    this.marks = new PodMarks(context.getClient());
    this.events = new EventWriter(context.getClient(), job);
    this.now = now;
    this.resourceVersion = job.getMetadata().getResourceVersion();
  }

  @Override
  public void writeStatus(MegalodonTrainingJobStatus status) {
    MegalodonTrainingJob written =
        usesServerSideApply()
            ? context.resourceOperations().serverSideApplyPrimaryStatus(fresh(status))
            : context.resourceOperations().updatePrimaryStatus(copy(status));
    resourceVersion = written.getMetadata().getResourceVersion();
  }

  private boolean usesServerSideApply() {
    return context
        .getControllerConfiguration()
        .getConfigurationService()
        .useSSAToPatchPrimaryResource();
  }

  /**
   * Only what this operator owns: the status. The resource version makes the API server refuse the
   * write if another operator, or a person, changed the job since.
   */
  private MegalodonTrainingJob fresh(MegalodonTrainingJobStatus status) {
    MegalodonTrainingJob fresh = new MegalodonTrainingJob();
    fresh.getMetadata().setName(job.getMetadata().getName());
    fresh.getMetadata().setNamespace(job.getMetadata().getNamespace());
    fresh.getMetadata().setResourceVersion(resourceVersion);
    fresh.setStatus(status);
    return fresh;
  }

  private MegalodonTrainingJob copy(MegalodonTrainingJobStatus status) {
    MegalodonTrainingJob copy = new MegalodonTrainingJob();
    copy.setMetadata(job.getMetadata().edit().withResourceVersion(resourceVersion).build());
    copy.setSpec(job.getSpec());
    copy.setStatus(status);
    return copy;
  }

  @Override
  public Optional<Blocker> ensureShared() {
    WorkflowReconcileResult result =
        context.managedWorkflowAndDependentResourceContext().reconcileManagedWorkflow();
    Optional<Blocker> refusal =
        result.getErroredDependents().values().stream()
            .flatMap(failure -> Refusal.in(failure).stream())
            .findFirst();
    if (refusal.isEmpty()) {
      result.throwAggregateExceptionIfErrorsPresent();
    }
    return refusal.or(() -> GangGroup.of(job).flatMap(new GangWriter(context.getClient())::apply));
  }

  @Override
  public Optional<Blocker> createPod(Plan.CreatePod wanted) {
    Pod pod =
        pods.pod(job, wanted.rank(), wanted.incarnation(), wanted.worldSize(), wanted.group());
    try {
      context.resourceOperations().create(pod);
      LOG.infof("created pod %s", pod.getMetadata().getName());
      return Optional.empty();
    } catch (KubernetesClientException failure) {
      if (failure.getCode() == HttpURLConnection.HTTP_CONFLICT) {
        return takenBySomebodyElse(pod.getMetadata().getName());
      }
      Optional<Blocker> refusal = Refusal.of(failure);
      if (refusal.isEmpty()) {
        throw failure;
      }
      LOG.warnf("pod %s was refused: %s", pod.getMetadata().getName(), refusal.get().message());
      return refusal;
    }
  }

  /** A pod that exists already is this job's own, or in its way. */
  private Optional<Blocker> takenBySomebodyElse(String name) {
    Optional<Pod> other =
        Optional.ofNullable(pod(name).get()).filter(found -> !Ownership.owns(job, found));
    return other.map(
        found ->
            Obstacle.NAME_TAKEN.in("pod %s is there already and not this job's".formatted(name)));
  }

  @Override
  public void deletePod(String name, String why) {
    LOG.infof("deleting pod %s: %s", name, why);
    pod(name).delete();
  }

  @Override
  public void removeLostPod(String name, String why) {
    LOG.infof("removing lost pod %s: %s", name, why);
    declareDead(name, WorkerPod.NODE_LOST, why);
    pod(name).withGracePeriod(0).delete();
  }

  /**
   * The deletion comes first: the API server drops a pod that has failed at once, whatever grace
   * period is asked for, and the kubelet would then give a frozen process the pod's own, minutes.
   */
  @Override
  public void removeStalledPod(String name, String why) {
    LOG.infof("removing stalled pod %s: %s", name, why);
    pod(name).withGracePeriod(STALLED_GRACE_SECONDS).delete();
    declareDead(name, WorkerPod.STALLED, why);
  }

  /** The cache takes the answer: no pass after this one joins the group. */
  @Override
  public void endGroup(String name, String why) {
    LOG.infof("ending the group of pod %s: %s", name, why);
    context
        .getSecondaryResourcesAsStream(Pod.class)
        .filter(pod -> pod.getMetadata().getName().equals(name))
        .forEach(
            pod ->
                PodMarks.unlessGone(
                    () -> context.resourceOperations().resourcePatch(pod, marks::endGroup)));
  }

  @Override
  public void withdrawPod(String name, String why) {
    LOG.infof("withdrawing pod %s: %s", name, why);
    declareDead(name, WorkerPod.WITHDRAWN, why);
  }

  private void declareDead(String name, String reason, String why) {
    marks.declareDead(job.getMetadata().getNamespace(), name, reason, why);
  }

  private PodResource pod(String name) {
    return marks.pod(job.getMetadata().getNamespace(), name);
  }

  @Override
  public void deleteJob(String why) {
    LOG.infof("deleting the job: %s", why);
    context.getClient().resource(job).delete();
  }

  @Override
  public void tell(Notice notice) {
    LOG.infof("%s: %s", notice.reason(), notice.message());
    events.write(notice, now);
  }

  @Override
  public String toString() {
    return "writer for " + JobId.of(job) + " (" + Names.service(JobId.of(job)) + ")";
  }
}
