package dev.megalodon.trainer.rendezvous;

/** A member as the coordinator sees it: something to tell things. */
interface Guest {
  /** Sends a message without waiting. */
  void send(Message message);

  /** Ends the connection once everything is sent; nothing more is heard from this guest. */
  void dismiss();
}
