/**
 * A real etcd and kube-apiserver on the loopback, for tests of what only they can show: admission
 * rules, defaults, server-side apply, access rules. No nodes, no controllers.
 */
@NullMarked
package dev.megalodon.crds.apiserver;

import org.jspecify.annotations.NullMarked;
