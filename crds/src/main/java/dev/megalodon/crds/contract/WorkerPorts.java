package dev.megalodon.crds.contract;

/** Ports a worker pod listens on. */
public final class WorkerPorts {
  /** TCP: joins and heartbeats (rank 0 listens). */
  public static final int RENDEZVOUS = 7070;

  /** UDP: Aeron, collectives. */
  public static final int COLLECTIVES = 7071;

  /**
   * TCP: {@code /progress} and {@code /curve} (JSON), {@code /metrics} (Prometheus), {@code
   * /healthz}, {@code /readyz}.
   */
  public static final int HTTP = 8080;

  private WorkerPorts() {}
}
