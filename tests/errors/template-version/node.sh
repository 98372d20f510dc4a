{#- s3boot template: context 0. -#}
#!/bin/bash
echo {{ class.name }}
