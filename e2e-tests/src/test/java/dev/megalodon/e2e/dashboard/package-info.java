/** The dashboard in a real browser: on the packaged operator, and on the cluster. */
@NullMarked
package dev.megalodon.e2e.dashboard;

import org.jspecify.annotations.NullMarked;
