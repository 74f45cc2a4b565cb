/** The files and ports of a Ceph cluster. */
export interface CephLocation {
  /** The directory of its files. */
  readonly directory: string;
  /** The id of the cluster. */
  readonly id: string;
  /** The port of the monitor. */
  readonly monPort: number;
  /** The port of the S3 gateway. */
  readonly gatewayPort: number;
}

/**
 * Creates the configuration of a cluster of one monitor, one object store in memory and one gateway.
 *
 * @param location The files and ports of the cluster.
 * @returns The text of `ceph.conf`.
 */
export function cephConfig({ directory, id, monPort, gatewayPort }: CephLocation): string {
  return `[global]
fsid = ${id}
mon_host = v2:127.0.0.1:${monPort}
mon_initial_members = a
public_addr = 127.0.0.1
cluster_addr = 127.0.0.1
run_dir = ${directory}
admin_socket =
log_file = /dev/null
log_to_stderr = true
auth_cluster_required = none
auth_service_required = none
auth_client_required = none
# The monitor otherwise rejects the gateway, which has no key.
ms_mon_client_mode = crc
ms_bind_msgr1 = false
# With the default of two proposals a second, the start takes twelve seconds.
paxos_propose_interval = 0.02
paxos_min_wait = 0.01
# A nearly full disk does not matter to a cluster in memory.
mon_data_avail_warn = 1
mon_data_avail_crit = 1
mon_allow_pool_size_one = true
osd_objectstore = memstore
osd_pool_default_size = 1
osd_pool_default_min_size = 1
osd_pool_default_pg_num = 1
osd_pool_default_pgp_num = 1
osd_pool_default_pg_autoscale_mode = off
osd_crush_chooseleaf_type = 0
osd_class_load_list = *
osd_class_default_list = *

[mon.a]
mon_data = ${directory}/mon

[osd.0]
osd_data = ${directory}/osd

[client.rgw]
rgw_data = ${directory}/rgw
rgw_frontends = beast endpoint=127.0.0.1:${gatewayPort}
rgw_enable_apis = s3, admin, sts, iam
rgw_s3_auth_use_sts = true
rgw_sts_key = fake-sts-key-016
# Allows credentials with a lifetime of three seconds.
rgw_sts_min_session_duration = 1
`;
}
