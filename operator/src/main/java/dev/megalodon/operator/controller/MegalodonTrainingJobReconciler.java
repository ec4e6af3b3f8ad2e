package dev.megalodon.operator.controller;

import dev.megalodon.crds.v1alpha1.MegalodonTrainingJob;
import dev.megalodon.crds.v1alpha1.MegalodonTrainingJobStatus;
import dev.megalodon.operator.act.AbandonedPods;
import dev.megalodon.operator.act.ConfigMapDependent;
import dev.megalodon.operator.act.Executor;
import dev.megalodon.operator.act.KubernetesWriter;
import dev.megalodon.operator.act.NetworkPolicyDependent;
import dev.megalodon.operator.act.SecretDependent;
import dev.megalodon.operator.act.ServiceDependent;
import dev.megalodon.operator.config.OperatorConfig;
import dev.megalodon.operator.metrics.JobMetrics;
import dev.megalodon.operator.metrics.ReconcileSpans;
import dev.megalodon.operator.naming.JobId;
import dev.megalodon.operator.naming.Labels;
import dev.megalodon.operator.observe.JobMemory;
import dev.megalodon.operator.observe.LeanPods;
import dev.megalodon.operator.observe.PodEvents;
import dev.megalodon.operator.observe.Snapshot;
import dev.megalodon.operator.observe.SnapshotReader;
import dev.megalodon.operator.observe.WorkerPod;
import dev.megalodon.operator.plan.Limits;
import dev.megalodon.operator.plan.Plan;
import dev.megalodon.operator.plan.Planner;
import dev.megalodon.operator.progress.ProgressPace;
import dev.megalodon.operator.progress.ProgressPoller;
import dev.megalodon.operator.progress.ProgressSource;
import dev.megalodon.operator.progress.WorkerEndpoint;
import dev.megalodon.operator.resources.WorkerDefaults;
import dev.megalodon.operator.resources.WorkerPodFactory;
import dev.megalodon.operator.validate.JobValidator;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.javaoperatorsdk.operator.api.config.informer.InformerEventSourceConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.ControllerConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.api.reconciler.MaxReconciliationInterval;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.api.reconciler.Workflow;
import io.javaoperatorsdk.operator.api.reconciler.dependent.Dependent;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.event.source.informer.InformerEventSource;
import io.javaoperatorsdk.operator.processing.retry.GradualRetry;
import io.micrometer.core.instrument.MeterRegistry;
import io.opentelemetry.api.trace.Tracer;
import jakarta.annotation.PreDestroy;
import jakarta.inject.Inject;
import java.net.HttpURLConnection;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/** Observe, validate, plan, act: one pass over one job. */
@ControllerConfiguration(
    name = MegalodonTrainingJobReconciler.NAME,
    fieldManager = Labels.OPERATOR,
    maxReconciliationInterval =
        @MaxReconciliationInterval(interval = 10, timeUnit = TimeUnit.MINUTES))
@GradualRetry(
    initialInterval = 500,
    intervalMultiplier = 2,
    maxInterval = 30_000,
    maxAttempts = Integer.MAX_VALUE)
@Workflow(
    explicitInvocation = true,
    dependents = {
      @Dependent(type = ServiceDependent.class),
      @Dependent(type = ConfigMapDependent.class),
      @Dependent(type = SecretDependent.class),
      @Dependent(
          type = NetworkPolicyDependent.class,
          activationCondition = NetworkPolicyDependent.Enabled.class)
    })
public class MegalodonTrainingJobReconciler implements Reconciler<MegalodonTrainingJob> {
  /** Name of the controller, as settings and metrics have it. */
  public static final String NAME = "megalodontrainingjob";

  private static final Logger LOG = Logger.getLogger(MegalodonTrainingJobReconciler.class);
  private static final Duration AT_ONCE = Duration.ofMillis(10);
  private static final Duration AFTER_CONFLICT = Duration.ofMillis(100);

  private final Clock clock;
  private final Planner planner;
  private final Executor executor;
  private final WorkerPodFactory pods;
  private final JobMemory memory = new JobMemory();
  private final SnapshotReader reader;
  private final JobValidator validator = new JobValidator();
  private final JobMetrics metrics;
  private final ReconcileSpans spans;
  private final ProgressPoller poller;
  private final ProgressPace pace;
  private final JobEvents events;
  private Optional<Orphanage> orphanage = Optional.empty();

  /** Assembles the parts; the poller starts with the event sources. */
  @Inject
  public MegalodonTrainingJobReconciler(
      OperatorConfig config,
      Clock clock,
      Limits limits,
      WorkerDefaults defaults,
      ProgressSource progress,
      PodEvents podEvents,
      MeterRegistry registry,
      Tracer tracer) {
    this.clock = clock;
    this.planner = new Planner(limits);
    this.executor = new Executor(limits);
    this.pods = new WorkerPodFactory(defaults);
    this.reader = new SnapshotReader(memory, podEvents);
    this.metrics = new JobMetrics(registry);
    this.spans = new ReconcileSpans(tracer);
    this.events = new JobEvents(this::forget);
    this.poller =
        new ProgressPoller(progress, clock, config.progress().concurrency(), events::progressed);
    this.pace = new ProgressPace(config.progress().interval(), config.progress().writesPerSecond());
    poller.start(config.progress().interval());
  }

  @PreDestroy
  void stop() {
    poller.close();
    orphanage.ifPresent(Orphanage::close);
  }

  @Override
  public List<EventSource<?, MegalodonTrainingJob>> prepareEventSources(
      EventSourceContext<MegalodonTrainingJob> context) {
    var workers =
        InformerEventSourceConfiguration.from(Pod.class, MegalodonTrainingJob.class)
            .withName("workers")
            .withLabelSelector(Labels.SELECTOR);
    // Informers of several namespaces would share the store, and each drops what it does not know.
    if (context.getControllerConfiguration().getInformerConfig().watchAllNamespaces()) {
      workers.withItemStore(new LeanPods());
    }
    var pods = new InformerEventSource<>(workers.build(), context);
    orphanage =
        Optional.of(
            new Orphanage(pods, context.getPrimaryCache(), new AbandonedPods(context.getClient())));
    return List.of(pods, events);
  }

  @Override
  public UpdateControl<MegalodonTrainingJob> reconcile(
      MegalodonTrainingJob job, Context<MegalodonTrainingJob> context) {
    return spans.within(JobId.of(job), () -> pass(job, context));
  }

  private UpdateControl<MegalodonTrainingJob> pass(
      MegalodonTrainingJob job, Context<MegalodonTrainingJob> context) {
    Instant now = clock.instant();
    Snapshot snapshot =
        reader.read(
            job,
            context.getSecondaryResourcesAsStream(Pod.class),
            poller.newest(JobId.of(job)),
            now);
    Plan plan = planner.plan(snapshot, validator.violations(job.getSpec()), now);
    try {
      return wake(act(job, context, snapshot, plan, now), now);
    } catch (KubernetesClientException failure) {
      if (failure.getCode() == HttpURLConnection.HTTP_NOT_FOUND) {
        LOG.debugf("the job went meanwhile: %s", failure.getMessage());
        return UpdateControl.noUpdate();
      }
      if (failure.getCode() != HttpURLConnection.HTTP_CONFLICT) {
        throw failure;
      }
      LOG.debugf("the job changed meanwhile, looking again: %s", failure.getMessage());
      return UpdateControl.<MegalodonTrainingJob>noUpdate().rescheduleAfter(AFTER_CONFLICT);
    }
  }

  private Optional<Instant> act(
      MegalodonTrainingJob job,
      Context<MegalodonTrainingJob> context,
      Snapshot snapshot,
      Plan plan,
      Instant now) {
    JobId id = snapshot.job();
    Executor.Result result =
        executor.execute(snapshot, plan, new KubernetesWriter(job, context, pods, now), now);
    result.written().ifPresent(status -> metrics.written(snapshot.status(), status));
    result.written().ifPresent(status -> memory.progressDue(id, now.plus(pace.of(poller.jobs()))));
    if (!plan.create().isEmpty()) {
      memory.refused(id, result.refused());
    }
    MegalodonTrainingJobStatus status = result.written().orElse(snapshot.status());
    metrics.seen(id, status);
    boolean over = status.phase() != null && status.phase().isFinal();
    poller.track(id, over ? List.of() : endpoints(snapshot));
    return result.wakeAt();
  }

  private static List<WorkerEndpoint> endpoints(Snapshot snapshot) {
    return snapshot.pods().stream()
        .filter(pod -> pod.isReady() || pod.seemsUnreachable())
        .sorted(
            Comparator.comparing(WorkerPod::rank)
                .thenComparing(Comparator.comparing(WorkerPod::incarnation).reversed()))
        .flatMap(
            pod ->
                pod
                    .address()
                    .map(address -> new WorkerEndpoint(pod.rank(), pod.name(), address))
                    .stream())
        .toList();
  }

  private static UpdateControl<MegalodonTrainingJob> wake(Optional<Instant> wakeAt, Instant now) {
    UpdateControl<MegalodonTrainingJob> control = UpdateControl.noUpdate();
    return wakeAt
        .map(time -> Duration.between(now, time))
        .map(delay -> delay.compareTo(AT_ONCE) > 0 ? delay : AT_ONCE)
        .map(control::rescheduleAfter)
        .orElse(control);
  }

  private void forget(JobId job) {
    poller.forget(job);
    memory.forget(job);
    metrics.forget(job);
    orphanage.ifPresent(Orphanage::jobDeleted);
  }
}
