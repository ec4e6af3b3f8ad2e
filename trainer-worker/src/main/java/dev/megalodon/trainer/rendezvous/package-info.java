/**
 * Where ranks meet: rank 0 collects everyone, opens epochs, notices who is gone, and names the
 * state to resume from. Needs neither the operator nor the API server.
 */
@NullMarked
package dev.megalodon.trainer.rendezvous;

import org.jspecify.annotations.NullMarked;
