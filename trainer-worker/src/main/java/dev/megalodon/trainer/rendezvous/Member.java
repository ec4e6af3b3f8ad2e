package dev.megalodon.trainer.rendezvous;

import dev.megalodon.trainer.parallel.Endpoint;

/**
 * One process in an epoch's roster.
 *
 * @param rank its rank
 * @param incarnation which pod of the job it is
 * @param endpoint where it receives in collectives
 * @param sessionId random number that marks what it sends in this epoch
 */
public record Member(int rank, long incarnation, Endpoint endpoint, int sessionId) {}
