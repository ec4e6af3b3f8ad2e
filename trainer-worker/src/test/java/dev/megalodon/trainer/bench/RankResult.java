package dev.megalodon.trainer.bench;

/**
 * What one rank saw, in milliseconds.
 *
 * @param latency of one message, the slowest rank's
 * @param allGather median step with all-gather
 * @param wavefront median step with the wavefront
 * @param allGatherForecast what the cost model says that all-gather adds
 * @param wavefrontForecast what the cost model says that the wavefront adds
 * @param decision what {@code chunkExchange: auto} picks
 */
record RankResult(
    double latency,
    double allGather,
    double wavefront,
    double allGatherForecast,
    double wavefrontForecast,
    String decision) {}
