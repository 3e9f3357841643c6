#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# slurm_test.sh RATCHET
#
# examples/clusters/slurm.sbatch under a real slurmctld and slurmd on loopback: a search whose workers
# are tasks of a job array, one of which is requeued while it runs. Ends with 77, saying why, where
# Slurm is not installed or cannot be started by this user.
set -euo pipefail
ratchet=$(readlink -f "${1:?"slurm_test.sh RATCHET"}")
top=$(dirname "$(readlink -f "$0")")/../..

skip() { echo "skipped: $*"; exit 77; }
for program in slurmctld slurmd munged sbatch; do
  PATH=$PATH:/usr/sbin command -v "$program" >/dev/null || skip "there is no $program here"
done
PATH=$PATH:/usr/sbin
[ "$(id -u)" = 0 ] || skip "slurmd has to be started by the superuser"

. "$top/tests/clusters/support.sh"
no_jobs() { [ -z "$(squeue -h 2>/dev/null)" ]; }
before_end() {
  scancel --me 2>/dev/null || true
  within 10 no_jobs || true
}

# -- a cluster of one machine, with no configuration but its own ----------------------------------
head -c 1024 /dev/urandom > "$work/munge.key"
chmod 600 "$work/munge.key"
mkdir -m 755 "$work/munge" "$work/state" "$work/spool" "$work/tmp"
chmod 755 "$work"
munged --force --foreground --key-file="$work/munge.key" --socket="$work/munge/socket" \
  --pid-file="$work/munge/pid" --log-file="$work/munge.log" --seed-file="$work/munge/seed" \
  2> "$work/munged.log" &
started+=($!)
port=$((20000 + RANDOM % 20000))
name=$(hostname -s)
cat > "$work/slurm.conf" <<CONF
ClusterName=test
SlurmctldHost=$name(127.0.0.1)
SlurmctldPort=$port
SlurmdPort=$((port + 1))
SlurmUser=root
AuthType=auth/munge
AuthInfo=socket=$work/munge/socket
StateSaveLocation=$work/state
SlurmdSpoolDir=$work/spool
SlurmctldPidFile=$work/ctld.pid
SlurmdPidFile=$work/slurmd.pid
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SchedulerType=sched/builtin
MpiDefault=none
AccountingStorageType=accounting_storage/none
JobAcctGatherType=jobacct_gather/none
ReturnToService=2
KillWait=10
SlurmdParameters=config_overrides
NodeName=$name NodeAddr=127.0.0.1 CPUs=2 RealMemory=256
PartitionName=all Nodes=ALL Default=YES State=UP
CONF
export SLURM_CONF=$work/slurm.conf
within 10 test -S "$work/munge/socket" || skip "munged does not start"
slurmctld -D > "$work/slurmctld.log" 2>&1 &
started+=($!)
slurmd -D -N "$name" > "$work/slurmd.log" 2>&1 &
started+=($!)
node_is_idle() { [ "$(sinfo -h -o %t 2>/dev/null)" = idle ]; }
within 60 node_is_idle || skip "slurmctld or slurmd does not start here"

# -- a node, an invitation, and its workers from the scheduler ------------------------------------
export RATCHET=$ratchet TMPDIR=$work/tmp
mkdir "$work/repository"
cd "$work/repository"
echo "score = 500000  # ratchet: range 1..1000000" > p.txt
git init -q .
git add p.txt
git -c user.name=t -c user.email=t@localhost commit -qm p
cd "$work"
start_node
lab node invite pool --uses 10 --expires 1h > /dev/null
lab node invite me > /dev/null
job=$(sbatch --parsable --array=1-2 --cpus-per-task=1 --mem-per-cpu=64 --time=10 \
        --output="$work/worker-%a.log" "$top/examples/clusters/slurm.sbatch" "$work/pool.invite")
within 120 joined 2
lab workers | grep -q "ends in 9:\|ends in 10:" || { lab workers; exit 1; }

"$ratchet" --join "$work/me.invite" run --repo "$work/repository" --target p.txt --parallel 2 \
  --iterations 40 --backend mutate --sandbox none --no-compare --json \
  -- sh -c 'sleep 0.5; sed "s/#.*//" p.txt' > "$work/search.log" 2>&1 &
search=$!
iteration() { lab status --json | grep -o '"iteration":[0-9]*' | head -1 | cut -d: -f2; }
measured() { [ "$(iteration || echo 0)" -ge "$1" ] 2>/dev/null; }
within 120 measured 6
scontrol requeue "${job}_1"
within 60 joined 1
wait $search || { echo "the search has failed"; tail "$work/search.log"; exit 1; }

# -- nothing was lost, and nothing counted that Slurm did -----------------------------------------
id=$(lab status --json | grep -o '"session_id":"[0-9a-f]*"' | head -1 | cut -d'"' -f4)
for iteration in $(seq 40); do
  lab show "$id" "$iteration" --json > "$work/shown"
  if grep -q '"error":"' "$work/shown" || ! grep -q '"worker":"' "$work/shown"; then
    echo "iteration $iteration was not measured:"; head -c 2000 "$work/shown"; exit 1
  fi
done
scancel "$job"
within 60 no_jobs
within 60 joined 0
grep -q "drained" "$work/worker-1.log" "$work/worker-2.log" || { echo "no worker has drained"; exit 1; }
no_folders() { [ -z "$(ls -A "$work/tmp")" ]; }
within 10 no_folders
echo "40 candidates by two tasks of a job array, one of them requeued: all measured, nothing left"
