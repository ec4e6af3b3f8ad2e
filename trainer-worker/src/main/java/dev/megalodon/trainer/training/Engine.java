package dev.megalodon.trainer.training;

import dev.megalodon.trainer.job.TrainingPlan;
import dev.megalodon.trainer.parallel.Mesh;
import dev.megalodon.trainer.parallel.cost.ChunkExchange;
import java.util.Optional;

/**
 * What makes steps. Everything that a step needs is allocated in the first epoch, when the way in
 * which ranks exchange states is known, and stays for the life of the process.
 */
final class Engine {
  private final TrainingRun run;
  private final TrainingState state;
  private final CurrentChunkGroup chunkGroup;
  private final ExchangeChoice exchangeChoice;
  private Optional<Built> built = Optional.empty();

  /** Steps, and how they exchange states; bits depend on both. */
  private record Built(ChunkExchange exchange, StepRunner runner) {}

  Engine(TrainingRun run, TrainingState state, ExchangeChoice exchangeChoice) {
    Mesh mesh = run.plan().parallel().mesh();
    this.run = run;
    this.state = state;
    this.exchangeChoice = exchangeChoice;
    this.chunkGroup = new CurrentChunkGroup(mesh.chunkIndex(run.rank()), mesh.chunkParallel());
  }

  /** Enters an epoch; every rank calls it. */
  StepRunner enter(Session session) {
    chunkGroup.enter(session.chunkGroup());
    // Asked in every epoch, since a newcomer has to ask and all must.
    ChunkExchange exchange = exchangeChoice.of(session, built.map(Built::exchange));
    if (built.isEmpty()) {
      StepRunner runner =
          new StepRunner(
              run.plan(), run.rank(), chunkGroup, exchange, run.text(), state, run.faults());
      built = Optional.of(new Built(exchange, runner));
    }
    return built.get().runner();
  }

  /** What the bits of the results depend on; not known before the first epoch. */
  Optional<String> numerics() {
    return built.map(Built::exchange).map(this::numerics);
  }

  private String numerics(ChunkExchange exchange) {
    TrainingPlan plan = run.plan();
    return plan.parallel().mesh().chunkParallel() == 1
        ? run.numerics()
        : "%s, chunk exchange %s".formatted(run.numerics(), exchange.text());
  }
}
