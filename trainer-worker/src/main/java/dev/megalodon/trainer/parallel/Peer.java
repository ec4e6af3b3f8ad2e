package dev.megalodon.trainer.parallel;

/**
 * One rank of a group as its peers see it.
 *
 * @param endpoint where it receives
 * @param sessionId random number that marks what it sends in this epoch; nothing else is accepted
 */
public record Peer(Endpoint endpoint, int sessionId) {}
