package dev.megalodon.operator.controller;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.megalodon.operator.config.OperatorConfig;
import dev.megalodon.operator.naming.Names;
import dev.megalodon.operator.plan.Limits;
import dev.megalodon.operator.progress.DirectProgressSource;
import dev.megalodon.operator.progress.ProgressPoller;
import dev.megalodon.operator.progress.ProgressSource;
import dev.megalodon.operator.progress.ProxyProgressSource;
import dev.megalodon.operator.resources.NetworkPolicyRules;
import dev.megalodon.operator.resources.WorkerDefaults;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderCallbacks;
import io.javaoperatorsdk.operator.api.config.LeaderElectionConfiguration;
import io.javaoperatorsdk.operator.api.config.LeaderElectionConfigurationBuilder;
import io.quarkus.arc.DefaultBean;
import io.quarkus.arc.Unremovable;
import io.quarkus.runtime.Quarkus;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Turns settings into the objects that the plain parts of the operator take. */
@ApplicationScoped
class Assembly {
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
        patience.stuckTerminating(),
        patience.stalled(),
        patience.join(),
        freshAnswer(config.progress()),
        STRAGGLING,
        patience.completion(),
        patience.healthy(),
        patience.refused(),
        config.progress().interval(),
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
        worker.userId());
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
  ProgressSource progressSource(OperatorConfig config, KubernetesClient client) {
    // A worker newer than this operator may say more than it knows of.
    ObjectMapper mapper =
        JsonMapper.builder().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES).build();
    return switch (config.progress().mode()) {
      case DIRECT -> new DirectProgressSource(mapper, config.progress().timeout());
      case PROXY -> new ProxyProgressSource(impatient(client, config), mapper);
      case OFF -> (job, worker) -> Optional.empty();
    };
  }

  /** The proxy waits for a worker as long as the client waits for it, and then asks again. */
  private static KubernetesClient impatient(KubernetesClient client, OperatorConfig config) {
    var settings = client.getConfiguration();
    return new KubernetesClientBuilder()
        .withConfig(
            new io.fabric8.kubernetes.client.ConfigBuilder(settings)
                .withRequestTimeout(Math.toIntExact(config.progress().timeout().toMillis()))
                .withRequestRetryBackoffLimit(0)
                .build())
        .build();
  }

  /**
   * Who loses the lease leaves. The SDK's own exit also answers an orderly end, from within it, and
   * then waits for itself until the kubelet kills the process.
   */
  @Produces
  @Singleton
  @Unremovable
  LeaderElectionConfiguration leaderElection(OperatorConfig config) {
    LeaderElectionConfigurationBuilder builder =
        LeaderElectionConfigurationBuilder.aLeaderElectionConfiguration(Names.LEASE)
            .withExitOnStopLeading(false)
            .withLeaderCallbacks(
                new LeaderCallbacks(() -> {}, () -> Quarkus.asyncExit(1), leader -> {}));
    config.leaseNamespace().ifPresent(builder::withLeaseNamespace);
    return builder.build();
  }
}
