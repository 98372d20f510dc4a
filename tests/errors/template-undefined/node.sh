{#- s3boot template: context 1. -#}
#!/bin/bash
echo {{ klass.name }}
