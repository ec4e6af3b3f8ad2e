package dev.megalodon.operator.controller;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.megalodon.operator.config.OperatorConfig;
import dev.megalodon.operator.metrics.ApiRequests;
import dev.megalodon.operator.metrics.Leadership;
import dev.megalodon.operator.naming.Names;
import dev.megalodon.operator.observe.PodEvents;
import dev.megalodon.operator.plan.Limits;
import dev.megalodon.operator.progress.DirectProgressSource;
import dev.megalodon.operator.progress.ProgressPoller;
import dev.megalodon.operator.progress.ProxyProgressSource;
import dev.megalodon.operator.progress.SilentSource;
import dev.megalodon.operator.progress.WorkerSource;
import dev.megalodon.operator.resources.NetworkPolicyRules;
import dev.megalodon.operator.resources.WorkerDefaults;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import io.javaoperatorsdk.operator.api.config.LeaderElectionConfiguration;
import io.javaoperatorsdk.operator.api.config.LeaderElectionConfigurationBuilder;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.arc.DefaultBean;
import io.quarkus.arc.Unremovable;
import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.StartupEvent;
import io.quarkus.runtime.configuration.ConfigUtils;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Disposes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import org.jboss.logging.Logger;

/** Turns settings into the objects that the plain parts of the operator take. */
@ApplicationScoped
class Assembly {
  private static final Logger LOG = Logger.getLogger(Assembly.class);
  // As quarkus.operator-sdk.activate-leader-election-for-profiles has it.
  private static final String ELECTION_PROFILE = "prod";
  private static final Duration STRAGGLING = Duration.ofSeconds(30);

  @Produces
  @Singleton
  @DefaultBean
  Clock clock() {
    return Clock.systemUTC();
  }

  @Produces
  @Singleton
  Limits limits(OperatorConfig config) {
    OperatorConfig.Patience patience = config.patience();
    return new Limits(
        patience.nodeLost(),
        patience.nodeAway(),
        patience.stuckTerminating(),
        patience.stalled(),
        patience.join(),
        freshAnswer(config.progress()),
        STRAGGLING,
        patience.completion(),
        patience.healthy(),
        patience.refused(),
        config.keptFailedPods());
  }

  /** A few rounds of questions: one round may fail without making the answer before it old. */
  private static Duration freshAnswer(OperatorConfig.Progress progress) {
    Duration round =
        progress.interval().plus(progress.timeout().multipliedBy(ProgressPoller.MOST_ASKED));
    return round.multipliedBy(2);
  }

  @Produces
  @Singleton
  WorkerDefaults workerDefaults(OperatorConfig config) {
    OperatorConfig.Worker worker = config.worker();
    return new WorkerDefaults(
        worker.image(),
        worker.imagePullPolicy(),
        worker.imagePullSecrets().orElse(List.of()),
        worker.sharedMemory(),
        worker.userId(),
        worker.logFormat().name().toLowerCase(Locale.ROOT));
  }

  @Produces
  @Singleton
  NetworkPolicyRules networkPolicyRules(OperatorConfig config) {
    OperatorConfig.NetworkPolicies policies = config.networkPolicies();
    return NetworkPolicyRules.parse(
        policies.enabled(), policies.httpFrom().orElse("[]"), policies.extraEgress().orElse("[]"));
  }

  @Produces
  @Singleton
  @DefaultBean
  WorkerSource workerSource(OperatorConfig config, KubernetesClient client, ApiRequests requests) {
    // A worker newer than this operator may say more than it knows of.
    ObjectMapper mapper =
        JsonMapper.builder().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES).build();
    return switch (config.progress().mode()) {
      case DIRECT -> new DirectProgressSource(mapper, config.progress().timeout());
      case PROXY -> new ProxyProgressSource(impatient(client, config, requests), mapper);
      case OFF -> new SilentSource();
    };
  }

  @Produces
  @Singleton
  @DefaultBean
  PodEvents podEvents(KubernetesClient client) {
    return new PodEventReader(client);
  }

  /** The proxy waits for a worker as long as the client waits for it, and then asks again. */
  private static KubernetesClient impatient(
      KubernetesClient client, OperatorConfig config, ApiRequests requests) {
    return counted(requests)
        .withConfig(
            new ConfigBuilder(client.getConfiguration())
                .withRequestTimeout(Math.toIntExact(config.progress().timeout().toMillis()))
                .withRequestRetryBackoffLimit(0)
                .build())
        .build();
  }

  @Produces
  @Singleton
  ApiRequests apiRequests(MeterRegistry registry) {
    return new ApiRequests(registry);
  }

  /** Quarkus' client, but its requests are counted. */
  @Produces
  @Singleton
  KubernetesClient client(
      Config settings, KubernetesSerialization serialization, ApiRequests requests) {
    return counted(requests)
        .withConfig(settings)
        .withKubernetesSerialization(serialization)
        .build();
  }

  void close(@Disposes KubernetesClient client) {
    client.close();
  }

  private static KubernetesClientBuilder counted(ApiRequests requests) {
    return new KubernetesClientBuilder()
        .withHttpClientBuilderConsumer(
            http -> http.addOrReplaceInterceptor(ApiRequests.NAME, requests));
  }

  /** Shown from the start on, also where nobody is elected. */
  void show(@Observes StartupEvent started, Leadership leadership) {
    LOG.debugf("started as %s", leadership);
  }

  @Produces
  @Singleton
  Leadership leadership(MeterRegistry registry) {
    return new Leadership(registry, !ConfigUtils.isProfileActive(ELECTION_PROFILE));
  }

  /**
   * Who loses the lease leaves. The SDK's own exit also answers an orderly end, from within it, and
   * then waits for itself until the kubelet kills the process.
   */
  @Produces
  @Singleton
  @Unremovable
  LeaderElectionConfiguration leaderElection(OperatorConfig config, Leadership leadership) {
    LeaderElectionConfigurationBuilder builder =
        LeaderElectionConfigurationBuilder.aLeaderElectionConfiguration(Names.LEASE)
            .withLeaderCallbacks(leadership.callbacks(() -> Quarkus.asyncExit(1)));
    config.leaseNamespace().ifPresent(builder::withLeaseNamespace);
    return builder.build();
  }
}
