/** What the operator writes, against a real API server. */
@NullMarked
package dev.megalodon.operator.act;

import org.jspecify.annotations.NullMarked;
