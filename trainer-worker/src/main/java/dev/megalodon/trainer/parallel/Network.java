package dev.megalodon.trainer.parallel;

/**
 * What a process keeps over all epochs to exchange with its peers: sockets, drivers, buffers. Every
 * epoch opens its own {@link Transport} on it.
 */
public interface Network extends AutoCloseable {
  /** Where this process receives; peers learn it from the roster. */
  Endpoint endpoint();

  /** Opens the links of one epoch; does not wait for the peers. */
  Transport open(Group group);

  @Override
  void close();
}
