package dev.megalodon.trainer.rendezvous;

import dev.megalodon.crds.contract.WorkerPorts;
import dev.megalodon.trainer.parallel.CollectiveSettings;
import dev.megalodon.trainer.parallel.Ticker;
import java.time.Duration;

/**
 * Where ranks meet and how long anything may take.
 *
 * @param host DNS name or address of rank 0
 * @param port TCP port that rank 0 listens on
 * @param heartbeat how often each side says that it lives
 * @param silence how long nothing may be heard before the other side counts as dead
 * @param handshake how long a connection may take to prove who it is
 * @param rejoin how long a rank waits for all others before it gives up
 * @param farewell how long a rank that is done waits for the others to be done
 * @param collectives bounds of the collectives of every epoch
 * @param stuck how long a rank that is alive may do nothing
 */
public record RendezvousSettings(
    String host,
    int port,
    Duration heartbeat,
    Duration silence,
    Duration handshake,
    Duration rejoin,
    Duration farewell,
    CollectiveSettings collectives,
    StuckBounds stuck) {
  /**
   * What suits a job. Collectives wait longer than heartbeats: a process that died or froze is
   * noticed by its connection, a stuck training thread by {@link StuckBounds}, so their own bound
   * only catches what neither sees, and must be longer than one rank may compute, evaluate or write
   * while the others wait for it.
   */
  public static RendezvousSettings at(String host) {
    return new RendezvousSettings(
        host,
        WorkerPorts.RENDEZVOUS,
        Duration.ofSeconds(1),
        Duration.ofSeconds(10),
        Duration.ofSeconds(5),
        Duration.ofSeconds(1800),
        Duration.ofSeconds(10),
        new CollectiveSettings(Duration.ofSeconds(120), Ticker.SYSTEM),
        StuckBounds.DEFAULT);
  }

  /** The same on another port. */
  public RendezvousSettings withPort(int other) {
    return new RendezvousSettings(
        host, other, heartbeat, silence, handshake, rejoin, farewell, collectives, stuck);
  }

  /** The same with another bound on waiting for all ranks. */
  public RendezvousSettings withRejoin(Duration other) {
    return new RendezvousSettings(
        host, port, heartbeat, silence, handshake, other, farewell, collectives, stuck);
  }

  /** The same with other bounds on what counts as alive. */
  public RendezvousSettings withSilence(Duration newHeartbeat, Duration newSilence) {
    return new RendezvousSettings(
        host, port, newHeartbeat, newSilence, handshake, rejoin, farewell, collectives, stuck);
  }

  /** The same with another bound on handshakes. */
  public RendezvousSettings withHandshake(Duration other) {
    return new RendezvousSettings(
        host, port, heartbeat, silence, other, rejoin, farewell, collectives, stuck);
  }

  /** The same with another bound on waiting for the others' end. */
  public RendezvousSettings withFarewell(Duration other) {
    return new RendezvousSettings(
        host, port, heartbeat, silence, handshake, rejoin, other, collectives, stuck);
  }

  /** The same with other bounds of collectives. */
  public RendezvousSettings withCollectives(CollectiveSettings other) {
    return new RendezvousSettings(
        host, port, heartbeat, silence, handshake, rejoin, farewell, other, stuck);
  }

  /** The same with other bounds on what counts as stuck. */
  public RendezvousSettings withStuck(StuckBounds other) {
    return new RendezvousSettings(
        host, port, heartbeat, silence, handshake, rejoin, farewell, collectives, other);
  }
}
