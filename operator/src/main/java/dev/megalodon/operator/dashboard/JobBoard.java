package dev.megalodon.operator.dashboard;

import dev.megalodon.crds.v1alpha1.MegalodonTrainingJob;
import dev.megalodon.operator.config.OperatorConfig;
import dev.megalodon.operator.controller.MegalodonTrainingJobReconciler;
import dev.megalodon.operator.naming.JobId;
import dev.megalodon.operator.observe.LeanStore;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.Informable;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.fabric8.kubernetes.client.informers.cache.Cache;
import io.javaoperatorsdk.operator.api.config.informer.InformerConfiguration;
import io.quarkiverse.operatorsdk.runtime.QuarkusConfigurationService;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;

/**
 * All jobs as the API server has them, watched by every replica: the SDK's own caches are empty on
 * a replica that stands by.
 */
@ApplicationScoped
class JobBoard implements ResourceEventHandler<MegalodonTrainingJob> {
  private final boolean enabled;
  private final KubernetesClient client;
  private final QuarkusConfigurationService sdk;
  private final MegalodonTrainingJobReconciler reconciler;
  private final LossHistory history;
  private final Curves curves;
  private final List<SharedIndexInformer<MegalodonTrainingJob>> informers =
      new CopyOnWriteArrayList<>();

  JobBoard(
      OperatorConfig config,
      KubernetesClient client,
      QuarkusConfigurationService sdk,
      MegalodonTrainingJobReconciler reconciler,
      LossHistory history,
      Curves curves) {
    this.enabled = config.dashboard().enabled();
    this.client = client;
    this.sdk = sdk;
    this.reconciler = reconciler;
    this.history = history;
    this.curves = curves;
  }

  void start(@Observes StartupEvent event) {
    if (enabled) {
      watched().map(jobs -> jobs.runnableInformer(0)).forEach(this::run);
    }
  }

  void stop(@Observes ShutdownEvent event) {
    informers.forEach(SharedIndexInformer::stop);
  }

  private Stream<Informable<MegalodonTrainingJob>> watched() {
    Set<String> namespaces = sdk.getConfigurationFor(reconciler).getEffectiveNamespaces();
    var jobs = client.resources(MegalodonTrainingJob.class);
    return InformerConfiguration.allNamespacesWatched(namespaces)
        ? Stream.of(jobs.inAnyNamespace())
        : namespaces.stream().map(jobs::inNamespace);
  }

  /** An API server that is away or a CRD that is missing is waited for. */
  private void run(SharedIndexInformer<MegalodonTrainingJob> informer) {
    informers.add(informer);
    informer
        .itemStore(new LeanStore<>())
        .exceptionHandler((begun, failure) -> true)
        .addEventHandler(this)
        .start();
  }

  /** Whether all jobs are known by now. */
  boolean isReady() {
    return !informers.isEmpty() && informers.stream().allMatch(SharedIndexInformer::hasSynced);
  }

  /** All jobs, in no order. */
  List<MegalodonTrainingJob> jobs() {
    return informers.stream().flatMap(informer -> informer.getStore().list().stream()).toList();
  }

  Optional<MegalodonTrainingJob> job(String namespace, String name) {
    String key = Cache.namespaceKeyFunc(namespace, name);
    return informers.stream()
        .flatMap(informer -> Optional.ofNullable(informer.getStore().getByKey(key)).stream())
        .findFirst();
  }

  @Override
  public void onAdd(MegalodonTrainingJob job) {
    history.note(job);
    curves.note(job);
  }

  @Override
  public void onUpdate(MegalodonTrainingJob before, MegalodonTrainingJob job) {
    if (!JobId.of(before).equals(JobId.of(job))) {
      forget(JobId.of(before));
    }
    onAdd(job);
  }

  @Override
  public void onDelete(MegalodonTrainingJob job, boolean finalStateUnknown) {
    forget(JobId.of(job));
  }

  private void forget(JobId job) {
    history.forget(job);
    curves.forget(job);
  }
}
