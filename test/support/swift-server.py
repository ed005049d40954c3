"""OpenStack Swift with its S3 interface as one process: proxy, account, container and object server on one device.

Usage: swift-server.py FOLDER PORT. Needs Debian's python3-swift, run by Debian's own Python. Says READY when it answers.
For tests: nobody should keep anything in it.
"""
import os
import socket
import sys

import eventlet

eventlet.monkey_patch()

from eventlet import wsgi
from swift.common import utils
from swift.common.ring import RingBuilder
from swift.common.utils import set_swift_dir
from swift.common.wsgi import SwiftHttpProtocol, loadapp

folder, port = sys.argv[1], int(sys.argv[2])
secret, user = os.environ['S3_SECRET_KEY'], os.environ['S3_USER']
devices = os.path.join(folder, 'devices')
os.makedirs(os.path.join(devices, 'd1'), exist_ok=True)


def write(name, text):
    path = os.path.join(folder, name)
    with open(path, 'w') as file:
        file.write(text)
    return path


def listen(wanted):
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    sock.bind(('127.0.0.1', wanted))
    sock.listen(1024)
    return sock


def ring(kind, at):
    """One replica on one device: which part lies where does not matter, so that the ring is made anew at each start."""
    builder = RingBuilder(2, 1, 0)
    builder.add_dev({
        'region': 1, 'zone': 1, 'ip': '127.0.0.1', 'port': at, 'replication_ip': '127.0.0.1',
        'replication_port': at, 'device': 'd1', 'weight': 1.0, 'meta': '',
    })
    builder.rebalance(seed=1)
    builder.get_ring().save(os.path.join(folder, kind + '.ring.gz'))


write('swift.conf', '[swift-hash]\nswift_hash_path_suffix = parley\nswift_hash_path_prefix = parley\n')
set_swift_dir(folder)
utils.SWIFT_CONF_FILE = os.path.join(folder, 'swift.conf')
utils.validate_hash_conf()

common = f'''swift_dir = {folder}
devices = {devices}
mount_check = false
log_level = ERROR
fallocate_reserve = 0
'''
sockets = {}
for kind in ('account', 'container', 'object'):
    sockets[kind] = listen(0)
    ring(kind, sockets[kind].getsockname()[1])
    write(kind + '-server.conf', f'[DEFAULT]\n{common}\n[app:main]\nuse = egg:swift#{kind}\nallow_versions = true\n')
sockets['proxy'] = listen(port)
write('proxy-server.conf', f'''[DEFAULT]
{common}
[pipeline:main]
pipeline = catch_errors gatekeeper cache listing_formats bulk s3api tempauth copy account-quotas container-quotas slo proxy-server
[app:proxy-server]
use = egg:swift#proxy
allow_account_management = true
account_autocreate = true
recheck_account_existence = 0
recheck_container_existence = 0
[filter:catch_errors]
use = egg:swift#catch_errors
[filter:gatekeeper]
use = egg:swift#gatekeeper
[filter:cache]
use = egg:swift#memcache
memcache_servers = 127.0.0.1:1
connect_timeout = 0.05
[filter:listing_formats]
use = egg:swift#listing_formats
[filter:bulk]
use = egg:swift#bulk
[filter:s3api]
use = egg:swift#s3api
s3_acl = false
location = us-east-1
max_upload_part_num = 10000
min_segment_size = 5242880
[filter:tempauth]
use = egg:swift#tempauth
user_{user} = {secret} .admin
[filter:copy]
use = egg:swift#copy
[filter:account-quotas]
use = egg:swift#account_quotas
[filter:container-quotas]
use = egg:swift#container_quotas
[filter:slo]
use = egg:swift#slo
''')


def serve(kind):
    app = loadapp(os.path.join(folder, kind + '-server.conf'), global_conf={'log_name': kind})
    quiet = open(os.devnull, 'w')
    pool = eventlet.GreenPool(1024)
    wsgi.server(
        sockets[kind], app, quiet, protocol=SwiftHttpProtocol, custom_pool=pool,
        socket_timeout=60, capitalize_response_headers=False,
    )


for kind in sockets:
    eventlet.spawn(serve, kind)
eventlet.sleep(0.1)
print('READY', flush=True)

# Whoever started it may have been killed before they could end it.
parent = os.getppid()
while os.getppid() == parent:
    eventlet.sleep(1)
