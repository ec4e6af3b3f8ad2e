package dev.megalodon.trainer.training;

import dev.megalodon.crds.contract.ExitCode;
import dev.megalodon.trainer.checkpoint.CheckpointStore;
import dev.megalodon.trainer.exit.WorkerExit;
import dev.megalodon.trainer.job.TrainingPlan;
import dev.megalodon.trainer.model.LayerProbe;
import dev.megalodon.trainer.model.ModelWeights;
import dev.megalodon.trainer.parallel.Collectives;
import dev.megalodon.trainer.parallel.Ticker;
import dev.megalodon.trainer.parallel.cost.ChunkExchange;
import dev.megalodon.trainer.parallel.cost.ExchangeForecast;
import dev.megalodon.trainer.parallel.cost.LinkProbe;
import java.io.IOException;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How states cross from slice to slice in a job: as the spec says, or, if that leaves it open, as a
 * measurement before the first step shows to be faster. Bits depend on it, so what was measured
 * once is kept beside the checkpoints and holds for every later epoch.
 */
final class ExchangeChoice {
  private static final Logger LOG = LoggerFactory.getLogger(ExchangeChoice.class);
  private static final String NOTE = "chunk-exchange";

  private final TrainingPlan plan;
  private final TrainingState state;
  private final CheckpointStore store;

  ExchangeChoice(TrainingPlan plan, TrainingState state, CheckpointStore store) {
    this.plan = plan;
    this.state = state;
    this.store = store;
  }

  /**
   * The way of this job; every rank calls it and gets the same.
   *
   * @param known what this process found out in an earlier epoch
   */
  ChunkExchange of(Session session, Optional<ChunkExchange> known) {
    return switch (plan.parallel().exchange()) {
      case ALL_GATHER -> ChunkExchange.ALL_GATHER;
      case WAVEFRONT -> ChunkExchange.WAVEFRONT;
      case AUTO -> knownOrMeasured(session, known);
    };
  }

  private ChunkExchange knownOrMeasured(Session session, Optional<ChunkExchange> known) {
    Collectives collectives = session.collectives();
    boolean first = collectives.rank() == 0;
    Optional<ChunkExchange> told = first ? known.or(this::kept) : known;
    double voters = collectives.allReduceSum(told.isPresent() ? 1 : 0);
    double votes = collectives.allReduceSum(told.map(Enum::ordinal).orElse(0));
    if (voters > 0) {
      // Whoever knows knows the same, so that the mean is it.
      return ChunkExchange.values()[(int) Math.round(votes / voters)];
    }
    ChunkExchange measured = measured(session);
    if (first) {
      keep(measured);
    }
    return measured;
  }

  private ChunkExchange measured(Session session) {
    Collectives collectives = session.collectives();
    LayerProbe layer =
        new LayerProbe(
            state.device(),
            plan.model(),
            ModelWeights.of(plan.model(), state.parameters()),
            ModelWeights.of(plan.model(), state.gradients()),
            plan.batches().microSequences(),
            plan.slice(collectives.rank()).length(),
            Ticker.SYSTEM);
    ExchangeForecast forecast =
        ExchangeForecast.of(
            plan.parallel().mesh().chunkParallel(),
            plan.model().layers(),
            layer.measure().slowest(collectives),
            layer.summaries(),
            new LinkProbe(session.chunkGroup(), Ticker.SYSTEM).measure().slowest(collectives));
    LOG.info("chunk exchange: {}", forecast);
    return forecast.decision();
  }

  private Optional<ChunkExchange> kept() {
    try {
      return store.note(NOTE).map(text -> ChunkExchange.of(text.strip()));
    } catch (IOException | IllegalArgumentException e) {
      throw unusable(e);
    }
  }

  private void keep(ChunkExchange exchange) {
    try {
      store.writeNote(NOTE, exchange.text() + "\n");
    } catch (IOException e) {
      throw unusable(e);
    }
  }

  private WorkerExit unusable(Exception cause) {
    return new WorkerExit(
        ExitCode.CHECKPOINT_FAILED,
        "the way of exchanging states cannot be kept in %s: %s"
            .formatted(store.folder().resolve(NOTE), cause.getMessage()),
        cause);
  }
}
