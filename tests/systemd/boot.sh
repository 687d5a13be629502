#!/bin/bash
# Process 1 of a notebook instance, in namespaces of its own: boot.sh FOLDER MEGABYTES, run by instance.py. The root volume is an
# overlay whose upper layer is in memory, so that a stop destroys it; the volume is bound into it; then comes the real systemd.
set -e
folder=$1 root=$1/root upper=$1/upper
mount --make-rprivate /
mount -t tmpfs -o "size=$2m" none "$upper"
mkdir "$upper/root" "$upper/root-work" "$upper/home" "$upper/home-work"
mount -t overlay overlay -o "lowerdir=/,upperdir=$upper/root,workdir=$upper/root-work" "$root"
chown --reference="$folder/home/anaconda3" "$upper/home"
mkdir -p "$root/home/ec2-user" "$root/opt/ml"
mount -t overlay overlay -o "lowerdir=$folder/home,upperdir=$upper/home,workdir=$upper/home-work" "$root/home/ec2-user"
mount --bind "$folder/volume" "$root/home/ec2-user/SageMaker"
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
mount -t tmpfs none "$root/run"
mount --rbind /sys "$root/sys"
mount -t cgroup2 cgroup2 "$root/sys/fs/cgroup"
cp -r "$folder/etc/." "$root/etc/"
cp -r "$folder/opt/." "$root/opt/"
: > "$root/etc/fstab"
chmod o+x "$root/root" # the Python of this computer may be there
cd "$root"
mkdir .old
pivot_root . .old
umount -l /.old
exec env -i container=other PATH=/usr/sbin:/usr/bin:/sbin:/bin /usr/lib/systemd/systemd --system --log-target=console --show-status=1 --unit=notebook-instance.target
