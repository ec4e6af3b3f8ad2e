/** Reading pods: no cluster, no client. */
@NullMarked
package dev.megalodon.operator.observe;

import org.jspecify.annotations.NullMarked;
