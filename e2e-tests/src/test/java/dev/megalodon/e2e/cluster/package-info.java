/** The running cluster, as a person (kubectl), as a program (client) and as the machine sees it. */
@NullMarked
package dev.megalodon.e2e.cluster;

import org.jspecify.annotations.NullMarked;
